// get_json_object for several paths in one pass over each text.
//
// The function spark_json_fields(text, paths) takes the paths as one constant text, a JSON array of
// texts, and makes a list: of each path what spark_json_path(text, path) makes. It is NULL where
// the text is no JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "spark_values/json_scanner.h"
#include "sql/scalar_function.h"

namespace st::worker::spark {

// Finds what some paths without wildcards lead to.
//
// Threads: one thread.
class JsonFields {
 public:
  // Errors: kInvalidArgument: no path, or one with a wildcard.
  static Result<JsonFields> Make(const std::vector<std::string>& paths);

  struct Match {
    bool is_found = false;
    std::string text;
  };
  // By path; valid until the next call. False: the text is no JSON.
  bool Read(std::string_view text);
  const std::vector<Match>& matches() const { return matches_; }

 private:
  // What paths expect of one value.
  struct Node {
    std::vector<std::pair<std::string, std::size_t>> names;     // and their nodes
    std::vector<std::pair<std::int64_t, std::size_t>> indexes;  //
    std::vector<std::size_t> ends;                              // paths that end here
  };
  bool Value(spark_values::JsonScanner& scanner, std::size_t node, int depth);
  bool Object(spark_values::JsonScanner& scanner, std::size_t node, int depth);
  bool Array(spark_values::JsonScanner& scanner, std::size_t node, int depth);
  bool End(const spark_values::JsonScanner& scanner, std::size_t node);

  std::vector<Node> nodes_;  // the first is the root
  std::vector<Match> matches_;
  std::string scratch_;
};

sql::ScalarFunction JsonFieldsFunction();

}  // namespace st::worker::spark
