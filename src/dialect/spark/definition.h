// A pipeline as a project declares it: one CREATE STREAMING TABLE of pipelines/*.sql. Pure.
//
// Limits: kMaxPipelineFileBytes (limits.h), kMinTriggerUs, kMaxTriggerUs.
// Errors: kInvalidArgument with file:line:column, the line and a caret.
// Format: docs/pipelines.md
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/table_layout.h"
#include "dialect/spark/members.h"

namespace st::dialect::spark {

inline constexpr std::int64_t kDefaultTriggerUs = 10'000'000;
inline constexpr std::int64_t kMinTriggerUs = 100'000;
inline constexpr std::int64_t kMaxTriggerUs = 86'400'000'000;

struct DefinedColumn {
  std::string name;
  std::string iceberg_type;  // as base/nested_type.h writes it: "timestamptz"
  std::string duckdb_type;   // "TIMESTAMP WITH TIME ZONE"
  std::string comment = {};
};

// A constant of the SELECT that may fail, and where it stands.
struct DefinedConstant {
  std::string sql;
  std::string place;    // "pipelines/x.sql:1:24"
  std::string excerpt;  // SourceText::ExcerptAt
};

struct Definition {
  std::string place;  // "pipelines/x.sql:1:24", of the table's name
  std::string name;   // of the pipeline, its flow and its table in schema default
  // Read in the total order of the log. The grammar has one.
  std::vector<std::string> topics;
  std::string statement;  // the SELECT as written
  std::string sql;        // the same as DuckDB SQL over st_source()
  // Whoever has a worker evaluates them before the first record.
  std::vector<DefinedConstant> constants;
  std::vector<DefinedColumn> columns;
  TableLayout layout;
  std::int64_t trigger_us = kDefaultTriggerUs;
  bool is_json = false;
  std::vector<std::string> require;
  Mentions mentions;          // in the SELECT
  std::string require_place;  // of the names in `require`
  // What the table may do with columns that the SELECT does not make: give them another name, or
  // drop them, by path (lake/evolution.h).
  std::vector<std::pair<std::string, std::string>> renames;
  std::vector<std::string> drops;
  // "" for a pipeline of the project. A generated one has what it is made for here, e.g. event and
  // version, instead of its text: its text may change as long as older records give the same rows,
  // and its columns may become more.
  std::string identity;
  // Of a declared event's table: the worker reads records by it (jobs/messages.h).
  std::string event_rules;
  // Pipelines of one lane take turns on one thread with one worker; "" has a lane of its own.
  std::string lane;
  // Properties that are not ours, and the comment: they go to the table.
  std::map<std::string, std::string> properties;
};

// The definition's SQL with every time of its columns held to the years 0001 to 9999, which is what
// readers of a table can hold: one outside makes the SQL fail.
std::string TableSql(const Definition& definition);

// The definition's columns, as a layout names them.
std::vector<LayoutColumn> LayoutColumnsOf(const Definition& definition);

struct PipelineFile {
  std::vector<Definition> definitions;  // of the statements without a mistake, in order
  Status mistakes;                      // kInvalidArgument with each of the file, with its place
};
PipelineFile ReadPipelineFile(const std::string& path, std::string_view text);
// The statements of one file, in order; else its mistakes.
Result<std::vector<Definition>> ParsePipelineFile(const std::string& path, std::string_view text);
// kInvalidArgument: two pipelines with one name, in whatever files (names both places).
Status CheckTogether(const std::vector<Definition>& definitions);

}  // namespace st::dialect::spark
