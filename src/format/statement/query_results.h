// An answer of the client protocol of Trino and Presto (`/v1/statement`), to JSON and back.
//
// Threads: pure functions.
// Errors:  kInvalidArgument: an answer that is not of this protocol.
// Limits:  none of its own; net bounds bodies.
// Format:  Trino, "Client protocol"; docs/sql_protocol.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/statement/family.h"

namespace st::statement {

struct Column {
  std::string name;
  std::string type;       // "bigint", "timestamp(6) with time zone"
  std::string signature;  // typeSignature as JSON text
};

struct Location {
  int line = 0;    // from 1
  int column = 0;  // from 1
};

// The failure of a statement. `name` is one of Trino's; error_kind.h has its number and type.
struct Failure {
  std::string name;  // "SYNTAX_ERROR"
  std::string message;
  std::optional<Location> location;
};

struct Stats {
  std::string state = "QUEUED";  // QUEUED RUNNING FINISHED FAILED
  std::int64_t queued_ms = 0;
  std::int64_t elapsed_ms = 0;
  std::int64_t rows = 0;   // handed out so far
  std::int64_t bytes = 0;  // of their JSON
};

// One answer. Empty strings and vectors are absent keys: clients test for presence.
struct QueryResults {
  std::string id;
  std::string info_uri;
  std::string next_uri;  // "": this is the last answer
  std::vector<Column> columns;
  std::string rows_json;  // "[[1,"a"],…]"; "": no data in this answer
  Stats stats;
  std::optional<Failure> failure;
  std::string update_type;  // "USE"
};
std::string ToJson(const QueryResults& results, Family family);

// Reads an answer as a client does: unknown keys are ignored.
Result<QueryResults> Parse(std::string_view json);

// The cells of "[[1,"a"],[2,null]]" as raw JSON texts, so that numbers stay as they were sent.
// kInvalidArgument: not an array of arrays.
using Row = std::vector<std::string_view>;
Result<std::vector<Row>> SplitRows(std::string_view rows_json);

}  // namespace st::statement
