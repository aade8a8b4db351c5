#include "dialect/spark/patterns.h"

#include <algorithm>

#include "base/text.h"

namespace st::dialect::spark {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Appends one name of a path.
Status AppendName(std::string_view name, std::string& out) {
  if (name.empty()) return Fail(ErrorCode::kInvalidArgument, "a name in the path is empty");
  if (name == "*") {
    return Fail(ErrorCode::kInvalidArgument, "wildcards (*) are not supported yet");
  }
  if (name.find_first_of("\"\\?'") != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument,
                "names with quotes, backslashes or ? are not supported in a path");
  }
  out += fmt::format(".\"{}\"", name);
  return {};
}

}  // namespace

Result<std::string> TranslateJsonPath(std::string_view path) {
  if (!path.starts_with('$')) {
    return Fail(ErrorCode::kInvalidArgument, "a path starts with $, as in '$.Host'");
  }
  std::string out = "$";
  std::string_view rest = path.substr(1);
  while (!rest.empty()) {
    if (rest.starts_with('.')) {
      const auto end = std::min(rest.find_first_of(".[", 1), rest.size());
      ST_TRY_STATUS(AppendName(rest.substr(1, end - 1), out));
      rest.remove_prefix(end);
      continue;
    }
    const auto end = rest.find(']');
    if (!rest.starts_with('[') || end == std::string_view::npos || end < 2) {
      return Fail(ErrorCode::kInvalidArgument,
                  "a path has steps .name, ['name'] and [0], as in '$.items[0].name'");
    }
    const std::string_view inside = rest.substr(1, end - 1);
    if (inside.size() >= 2 && inside.starts_with('\'') && inside.ends_with('\'')) {
      ST_TRY_STATUS(AppendName(inside.substr(1, inside.size() - 2), out));
    } else if (inside == "*") {
      ST_TRY_STATUS(AppendName(inside, out));
    } else if (std::ranges::all_of(inside, IsDigit) && inside.size() <= 9) {
      out += fmt::format("[{}]", inside);
    } else {
      return Fail(ErrorCode::kInvalidArgument,
                  "in brackets stands a number or a name in quotes, as in $[0] or $['name']");
    }
    rest.remove_prefix(end + 1);
  }
  return out;
}

Status CheckLikePattern(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    ++i;
    if (i == pattern.size() || (pattern[i] != '%' && pattern[i] != '_' && pattern[i] != '\\')) {
      return Fail(ErrorCode::kInvalidArgument,
                  "in a LIKE pattern a backslash stands before %, _ or another backslash");
    }
  }
  return {};
}

}  // namespace st::dialect::spark
