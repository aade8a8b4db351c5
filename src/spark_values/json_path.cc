#include "spark_values/json_path.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace st::spark_values {
namespace {

Result<JsonStep> Named(std::string_view name) {
  if (name.empty()) return Fail(ErrorCode::kInvalidArgument, "a name in the path is empty");
  if (name == "*") return JsonStep{.kind = JsonStep::Kind::kNothing, .name = {}};
  if (name.find_first_of("\"\\?'") != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument,
                "names with quotes, backslashes or ? are not supported in a path");
  }
  return JsonStep{.kind = JsonStep::Kind::kName, .name = std::string(name)};
}

Result<JsonStep> InBrackets(std::string_view inside) {
  if (inside.size() >= 2 && inside.starts_with('\'') && inside.ends_with('\'')) {
    return Named(inside.substr(1, inside.size() - 2));
  }
  if (inside == "*") return JsonStep{.kind = JsonStep::Kind::kElements, .name = {}};
  if (std::ranges::all_of(inside, IsDigit) && inside.size() <= 9) {
    return JsonStep{
        .kind = JsonStep::Kind::kIndex, .name = {}, .index = ParseInt64(inside).value_or(0)};
  }
  return Fail(ErrorCode::kInvalidArgument,
              "in brackets stands a number, a name in quotes or *, as in $[0], $['name'] or $[*]");
}

}  // namespace

Result<std::vector<JsonStep>> ParseJsonPath(std::string_view path) {
  if (!path.starts_with('$')) {
    return Fail(ErrorCode::kInvalidArgument, "a path starts with $, as in '$.Host'");
  }
  std::vector<JsonStep> steps;
  std::string_view rest = path.substr(1);
  while (!rest.empty()) {
    if (rest.starts_with('.')) {
      const auto end = std::min(rest.find_first_of(".[", 1), rest.size());
      ST_TRY(auto step, Named(rest.substr(1, end - 1)));
      steps.push_back(std::move(step));
      rest.remove_prefix(end);
      continue;
    }
    const auto end = rest.find(']');
    if (!rest.starts_with('[') || end == std::string_view::npos || end < 2) {
      return Fail(ErrorCode::kInvalidArgument,
                  "a path has steps .name, ['name'], [0] and [*], as in '$.items[0].name'");
    }
    ST_TRY(auto step, InBrackets(rest.substr(1, end - 1)));
    steps.push_back(std::move(step));
    rest.remove_prefix(end + 1);
  }
  return steps;
}

}  // namespace st::spark_values
