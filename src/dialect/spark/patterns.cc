#include "dialect/spark/patterns.h"

#include "base/text.h"
#include "spark_values/json_path.h"

namespace st::dialect::spark {
Result<std::optional<std::string>> TranslateJsonPath(std::string_view path) {
  using Kind = spark_values::JsonStep::Kind;
  ST_TRY(const auto steps, spark_values::ParseJsonPath(path));
  std::string out = "$";
  for (const auto& step : steps) {
    switch (step.kind) {
      case Kind::kName:
        out += fmt::format(".\"{}\"", step.name);
        break;
      case Kind::kIndex:
        out += fmt::format("[{}]", step.index);
        break;
      case Kind::kElements:
      case Kind::kNothing:
        return std::nullopt;
    }
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
