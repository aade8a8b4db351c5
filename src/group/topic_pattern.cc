#include "group/topic_pattern.h"

#include <re2/re2.h>

#include <string_view>

#include "group/limits.h"

namespace st::group {
namespace {

RE2::Options Quietly() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  return options;
}

// As RE2's port to Java says it.
std::string_view TextOf(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "regexp/syntax: internal error";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "unexpected error";
  }
}

}  // namespace

std::optional<std::string> PatternError(const std::string& pattern) {
  if (pattern.size() > kMaxPatternBytes) return std::string(TextOf(RE2::ErrorPatternTooLarge));
  const RE2 compiled(pattern, Quietly());
  if (compiled.ok()) return std::nullopt;
  return std::string(TextOf(compiled.error_code()));
}

std::set<std::string> MatchingTopics(const std::string& pattern,
                                     const std::vector<std::string>& names,
                                     const std::function<bool()>& is_over) {
  const RE2 compiled(pattern, Quietly());
  std::set<std::string> matching;
  if (!compiled.ok()) return matching;
  for (const auto& name : names) {
    if (is_over()) break;
    if (RE2::FullMatch(name, compiled)) matching.insert(name);
  }
  return matching;
}

}  // namespace st::group
