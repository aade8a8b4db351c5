// The small languages inside Spark's strings: JSON paths, regular expressions, LIKE patterns. Pure.
//
// Errors: kInvalidArgument without a place; the caller knows where the string stands.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace st::dialect::spark {

// Spark's path ($.a['b'][0]) as DuckDB's.
Result<std::string> TranslateJsonPath(std::string_view path);

struct Regex {
  std::string pattern;  // RE2's
  int groups = 0;
  bool has_end_anchor = false;  // may match a line's end behind the text
};
// Java's pattern as RE2's, where both mean the same.
Result<Regex> TranslateRegex(std::string_view java);

// Checks a LIKE pattern (escape: backslash).
Status CheckLikePattern(std::string_view pattern);

}  // namespace st::dialect::spark
