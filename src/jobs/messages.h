// The messages between the main process and a worker, as JSON frames over a socket pair.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace st::jobs {

struct JobExtent {
  std::string file;
  std::uint64_t position = 0;
  std::uint32_t length = 0;
};

// A record that was judged before: written as a dead letter, neither parsed nor shown to the SQL.
struct DeadRecord {
  std::int64_t offset = 0;
  std::string code;    // "sql_error", "kills_worker", …
  std::string reason;  // for people
};

// One transform: its SQL and the records that it reads. The SQL is DuckDB's and reads from the
// table function st_source() with columns: key BLOB, value BLOB, value_text VARCHAR (NULL when not
// UTF-8), topic VARCHAR, partition INTEGER, offset BIGINT, timestamp TIMESTAMPTZ, timestampType
// INTEGER.
//
// Fast SQL: only the columns that are named are filled, so take value_text rather than decode
// value, and where several fields are taken, take all of them with one
// `json_extract_string(value_text, ['$.Host', '$.Accept', …])` in a subquery (DuckDB parses the
// document once) and its elements [1], [2], … outside. `offset` and `timestamp` want quotes.
struct TransformJob {
  std::string sql;  // SELECT … FROM st_source() …
  std::string topic;
  std::int32_t partition = 0;
  std::vector<JobExtent> extents;
  std::int64_t from_offset = 0;  // records below are skipped
  std::int64_t to_offset = 0;    // exclusive
  bool is_json = false;          // steelthread.format = 'json'
  std::vector<std::string> require;
  // Of a declared event's table: event::EncodeRules. The worker then gives the SQL the event's
  // records alone, value_text being RecordReader::columns(); is_json and require say nothing.
  std::string event_rules;
  std::string output_path;  // of the Parquet file; not made when there is no row
  // Parquet of dead letters; not made when there is none. Columns of bad.rows and their field ids:
  // raw_value 1, code 2, reason 3, pipeline 4, flow 5, topic 6, partition 7, offset 8, timestamp 9.
  // The worker's own codes: not_json, missing_field, not_utf8, bad_timestamp; of a declared event
  // invalid_field and repeated_field; batch_too_large and bad_batch are one letter for all records
  // of a batch that cannot be read.
  std::string bad_output_path;
  std::string pipeline;  // for bad.rows
  std::string flow;
  std::vector<std::pair<std::string, int>> field_ids;  // output column, Iceberg field id
  std::vector<DeadRecord> dead;  // rising by offset; those outside the range are ignored
};

struct ColumnInfo {
  std::string name;
  std::string duckdb_type;  // "VARCHAR", "TIMESTAMP WITH TIME ZONE", …
};

struct FileStats {
  std::string path;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  struct Column {
    std::int64_t size_bytes = -1;
    std::int64_t value_count = -1;
    std::int64_t null_count = -1;
    std::optional<std::string> min;  // DuckDB's text
    std::optional<std::string> max;
    bool has_nan = false;
  };
  std::map<std::string, Column> columns;  // by name
};

struct TransformResult {
  std::int64_t records_read = 0;        // dead letters among them
  std::optional<FileStats> output;      // synced
  std::optional<FileStats> bad_output;  // synced
};

// The result of a search for the records of a transform's range that make its SQL fail.
struct FailingRecords {
  std::vector<DeadRecord> records;  // each fails alone, code "sql_error"; rising by offset
  std::int64_t to_offset = 0;       // exclusive: how far it got; below is no other that fails alone
};

}  // namespace st::jobs
