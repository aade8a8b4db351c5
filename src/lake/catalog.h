// The tables of a lake and the current View of each: all that a reader asks of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/view.h"

namespace st::lake {

// A table that cannot be used, and the reason; other tables are not affected.
struct TableProblem {
  TableName table;
  Error error;  // its message names the table
  // The table was readable when the lake was opened; later the outcome of a commit was unknown and
  // could not be read. Statements read its last known state meanwhile.
  bool is_closed = false;
};

// Names tables and loads them. Queries and the Iceberg REST catalog take this; writers take Lake.
//
// Threads: safe from any thread; no call waits for a commit, and CheckBeforeUse alone for the disk.
// Errors:  kNotFound; kCorruption, kUnsupported, kIo of a table that could not be read.
class Catalog {
 public:
  virtual ~Catalog() = default;
  virtual std::vector<std::string> Schemas() const = 0;
  virtual std::vector<TableName> Tables() const = 0;  // sorted; damaged ones too
  // Cheap: copies a shared pointer.
  virtual Result<std::shared_ptr<const View>> Load(const TableName& name) const = 0;
  virtual std::vector<TableProblem> Problems() const { return {}; }
  // Compares a live file with its commit, unless this process did so since the file was last
  // written (lake/checked_files.h). Reads the whole file. kCorruption: length or checksum differ,
  // or it is missing.
  virtual Status CheckBeforeUse(const TableName& name, const DataFile& file) const = 0;
};

}  // namespace st::lake
