// Writes the rows of a SELECT into one Parquet file that an Iceberg commit can take.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/written_file.h"
#include "jobs/table_column.h"
#include "os/file_system.h"
#include "sql/database.h"

namespace st::worker::parquet {

// A prepared SELECT. kInvalidArgument: `sql` is no single SELECT, or DuckDB refuses it.
Result<sql::Statement> PrepareSelect(sql::Connection& connection, const std::string& sql);

struct Output {
  std::string select;  // one SELECT
  std::string path;
  // Of the SELECT, with their field ids. One that is missing here is written without an id.
  std::vector<jobs::TableColumn> columns;
  bool may_be_empty = false;  // write a file without rows too
  bool syncs_folder = true;   // false: the caller does, for many files
};

// Rows stand in the order of the SELECT. nullopt: it had no row, and there is no file.
//
// Durable: the file, and its name where `syncs_folder` says so, when it returns success.
// Errors:  kInvalidArgument, kUnavailable (out of memory), kShutdown (interrupted), kIo; a part of
//          the file may exist.
Result<std::optional<WrittenFile>> Write(sql::Connection& connection, os::FileSystem& fs,
                                         const Output& output);

}  // namespace st::worker::parquet
