// The client protocol of Trino and Presto (`/v1/statement`): answers as JSON, requests' headers.
//
// Threads: pure functions.
// Errors:  kInvalidArgument: an answer that is not of this protocol.
// Limits:  none of its own; net bounds headers and bodies.
// Format:  Trino, "Client protocol"; docs/sql_protocol.md
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace st::statement {

// Both families of headers, `X-Trino-` and `X-Presto-`, mean the same; an answer uses the client's.
enum class Family { kTrino, kPresto };

struct Column {
  std::string name;
  std::string type;       // "bigint", "timestamp(6) with time zone"
  std::string signature;  // typeSignature as JSON text
};

struct Location {
  int line = 0;    // from 1
  int column = 0;  // from 1
};

// The failure of a statement. `name` is one of Trino's; its number and type follow from it.
struct Failure {
  std::string name;  // "SYNTAX_ERROR"
  std::string message;
  std::optional<Location> location;
};

// Number and type ("USER_ERROR", "INTERNAL_ERROR", "INSUFFICIENT_RESOURCES") of an error name;
// GENERIC_INTERNAL_ERROR's for a name that is not known.
struct ErrorKind {
  int code = 0;
  std::string_view type;
};
ErrorKind KindOf(std::string_view error_name);

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

// The client and its session by the request's headers.
struct Session {
  Family family = Family::kTrino;
  std::string user;
  std::string source;
  std::string catalog;
  std::string schema;
  std::string time_zone;
  bool parametric_datetime = false;               // capability PARAMETRIC_DATETIME
  std::map<std::string, std::string> properties;  // of X-…-Session, decoded
};
// Tolerant: a missing or malformed value is the default; names are in any case; of both families
// the one with the user is read.
using Headers = std::vector<std::pair<std::string, std::string>>;
Session ParseSession(const Headers& headers);
// "X-Trino-" or "X-Presto-"
std::string_view HeaderPrefix(Family family);

}  // namespace st::statement
