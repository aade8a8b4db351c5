// The messages between the main process and a worker that transforms records, as JSON frames over
// a socket pair.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/table_layout.h"
#include "base/written_file.h"
#include "jobs/source.h"
#include "jobs/table_column.h"

namespace st::jobs {

// The identity of one record, in whatever source it is.
struct RecordId {
  TopicPartition tp;
  Offset offset;
  friend auto operator<=>(const RecordId&, const RecordId&) = default;
};

// A record that becomes a dead letter whatever its value is: it is neither parsed nor shown to the
// SQL.
struct DeadRecord {
  RecordId id;
  std::string code;    // "sql_error", "kills_worker", …
  std::string reason;  // for people
};

// A named file of a flow's state between two steps.
struct StateFile {
  std::string name;  // letters, digits, _ and -, at most kMaxStateNameBytes
  std::string path;  // absolute
};

// One transform: its SQL and the records that it reads. The SQL is DuckDB's and reads from the
// table function st_source(), whose columns are kSourceColumns (base/record_columns.h).
//
// Fast SQL: only the columns that are named are filled, so take value_text rather than decode
// value, and where several fields are taken, take all of them with one
// `json_extract_string(value_text, ['$.Host', '$.Accept', …])` in a subquery (DuckDB parses the
// document once) and its elements [1], [2], … outside. `offset` and `timestamp` want quotes.
struct TransformJob {
  std::string sql;              // SELECT … FROM st_source() …
  std::vector<Source> sources;  // read one after the other
  bool is_json = false;         // steelthread.format = 'json'
  std::vector<std::string> require;
  // Of a declared event's table: event::EncodeRules. The worker then gives the SQL the event's
  // records alone, value_text being RecordReader::columns(); is_json and require say nothing.
  std::string event_rules;
  // Of the Parquet file; not made when there is no row. With partitions each has a file of its own,
  // OutputPath(output_path, i) (output_path.h).
  std::string output_path;
  // By the names of the SELECT's columns.
  TableLayout layout;
  // Parquet of dead letters with kDeadColumns (base/record_columns.h); not made when there is none.
  // The worker's own codes: not_json, missing_field, not_utf8, bad_timestamp; of a declared event
  // invalid_field and repeated_field; batch_too_large and bad_batch are one letter for all records
  // of a batch that cannot be read.
  std::string bad_output_path;
  std::string pipeline;  // for bad.rows
  std::string flow;
  std::vector<TableColumn> columns;  // of the output
  std::vector<DeadRecord> dead;      // rising by id; those outside of the sources are ignored
  // The flow's state before and after these records. No SQL keeps state yet: a worker refuses a
  // job that has any.
  std::vector<StateFile> state_in;
  std::vector<StateFile> state_out;
};

struct ColumnInfo {
  std::string name;
  std::string duckdb_type;  // "VARCHAR", "TIMESTAMP WITH TIME ZONE", …
};

struct TransformResult {
  std::int64_t rows() const {
    std::int64_t rows = 0;
    for (const auto& file : outputs) rows += file.rows;
    return rows;
  }

  std::int64_t records_read = 0;          // dead letters among them
  std::vector<WrittenFile> outputs;       // synced; at most one without partitions
  std::optional<WrittenFile> bad_output;  // synced
  std::vector<StateFile> state_out;       // those that were written, synced
  // The rows belong to more than kMaxPartitionsOfJob: there are no files. Fewer records have fewer.
  bool has_too_many_partitions = false;
};

// The result of a search for the records of a transform that make its SQL fail.
struct FailingRecords {
  // Each fails alone, code "sql_error"; in the order of the sources.
  std::vector<DeadRecord> records;
  // The first record that was not searched; nullopt: all were. No other record before it fails
  // alone.
  std::optional<RecordId> end;
};

}  // namespace st::jobs
