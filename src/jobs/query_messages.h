// The requests to a query worker and its answers.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/row_filter.h"
#include "jobs/table_column.h"

namespace st::jobs {

struct QueryTable {
  std::string schema;  // "default", "bad"
  std::string name;
  std::vector<TableColumn> columns;
  std::vector<std::string> files;  // absolute paths of Parquet files; may be empty
  std::string damage = {};         // why a statement that reads the table fails; "": it is readable
  // The worker asks for the files that a statement needs of this table (ChooseFiles); `files` is
  // not used.
  bool asks_for_files = false;
  std::int64_t rows = -1;  // of the whole table; -1: unknown
};

// What a statement wants of a table that asks for its files.
struct TableUse {
  std::size_t table = 0;  // index into QueryJob::tables
  RowFilter filter;       // no other row of the table matters
};

// The files of each use, in the same order; or why the statement does not run.
using ChooseFiles =
    std::function<Result<std::vector<std::vector<std::string>>>(const std::vector<TableUse>&)>;

// One SELECT from the network over a fixed set of tables.
struct QueryJob {
  std::string sql;  // exactly one SELECT, WITH … SELECT or VALUES
  std::vector<QueryTable> tables;
  std::string catalog = "lake";    // of names with one or two parts
  std::string schema = "default";  // of names with one part
  std::string time_zone = "UTC";
  std::string user;  // of current_user
  // Trino's PARAMETRIC_DATETIME: timestamp(6) and time(6); else timestamp and time with
  // milliseconds, as every Presto client wants them.
  bool parametric_datetime = true;
  std::int64_t max_rows = 10'000'000;         // of the whole result
  std::int64_t page_rows = 10'000;            // at most, a page
  std::int64_t page_bytes = 1 << 20;          // a page ends at the first row that passes it
  std::int64_t memory_limit_bytes = 1 << 29;  // DuckDB's; the worker's rlimit stands above it
};

struct ResultColumn {
  std::string name;       // lower case; unnamed ones are _col0, _col1 …
  std::string type;       // Trino's: "bigint", "timestamp(6) with time zone", "array(varchar)"
  std::string signature;  // Trino's typeSignature as JSON text
};

struct QueryPage {
  std::int64_t rows = 0;
  std::string rows_json;  // "[[1,"a"],[2,"b"]]", values in the statement protocol's form
  bool is_last = false;
};

// Why a statement failed, in the statement protocol's words.
struct QueryError {
  ErrorCode code = ErrorCode::kInvalidArgument;
  // Trino's name: SYNTAX_ERROR, COLUMN_NOT_FOUND, TABLE_NOT_FOUND, FUNCTION_NOT_FOUND,
  // TYPE_MISMATCH, DIVISION_BY_ZERO, NOT_SUPPORTED, EXCEEDED_TIME_LIMIT, USER_CANCELED,
  // EXCEEDED_LOCAL_MEMORY_LIMIT, GENERIC_INTERNAL_ERROR (the worker died) …
  std::string name;
  std::string message;  // "line 1:8: Column 'x' cannot be resolved"
  int line = 0;         // from 1; 0: not known
  int column = 0;
  std::string damaged_file;  // of kCorruption: the data file that cannot be read
};
template <typename T>
using QueryResult = std::expected<T, QueryError>;

}  // namespace st::jobs
