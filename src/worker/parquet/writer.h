// Writes the rows of a SELECT into one Parquet file that an Iceberg commit can take.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/written_file.h"
#include "os/file_system.h"
#include "sql/database.h"

namespace st::worker::parquet {

// A prepared SELECT. kInvalidArgument: `sql` is no single SELECT, or DuckDB refuses it.
Result<sql::Statement> PrepareSelect(sql::Connection& connection, const std::string& sql);

struct Output {
  std::string select;  // one SELECT
  std::string path;
  std::vector<std::pair<std::string, int>> field_ids;  // output column, Iceberg field id
  bool may_be_empty = false;                           // write a file without rows too
};

// Rows stand in the order of the SELECT. nullopt: it had no row, and there is no file.
//
// Durable: file and name, when it returns success.
// Errors:  kInvalidArgument, kUnavailable (out of memory), kShutdown (interrupted), kIo; a part of
//          the file may exist.
Result<std::optional<WrittenFile>> Write(sql::Connection& connection, os::FileSystem& fs,
                                         const Output& output);

}  // namespace st::worker::parquet
