// from_json for the types that a statement names.
//
// A function of DuckDB has one type for its result, so each type has a function: the front end
// calls spark_from_json_<hash>(text, type, fails), where the constant `type` (base/nested_type.h)
// says what is read. DuckDB's own parser finds the calls of a statement, so the statement alone
// says everything.
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "sql/database.h"

namespace st::worker::spark {

inline constexpr std::string_view kFromJsonPrefix = "spark_from_json_";

// The functions that were made in one database.
//
// Threads: one thread.
class JsonCalls {
 public:
  // Makes those that `statement` calls and that there are not yet. A text that DuckDB does not
  // parse is left for it to complain about.
  Status Register(sql::Connection& connection, const std::string& statement);

 private:
  std::set<std::string> names_;
  std::string last_statement_;
};

}  // namespace st::worker::spark
