// Java's regular expressions as RE2's, where both mean the same. Pure.
//
// Errors: kInvalidArgument without a place: what the pattern has that is not supported.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace st::spark_values {

struct Regex {
  std::string pattern;  // RE2's
  int groups = 0;       // as Java counts them
  // A $ of Java may stand before the line's end behind the text. RE2 matches that end too, in a
  // group of its own: its numbers in RE2.
  std::vector<int> end_groups;
  // The number in RE2 of each of Java's groups; the first is 0, the whole match.
  std::vector<int> numbers = {0};
};

Result<Regex> TranslateRegex(std::string_view java);

// The parts of a replacement of Java's: texts, and groups by number.
struct ReplacementPart {
  std::string text;
  int group = -1;  // -1: the text
};
Result<std::vector<ReplacementPart>> ParseReplacement(std::string_view java, int groups);

}  // namespace st::spark_values
