#include "spark_values/json_path.h"

#include <gtest/gtest.h>

namespace st::spark_values {
namespace {

// The steps with a space between them, or the error.
std::string Path(std::string_view path) {
  const auto steps = ParseJsonPath(path);
  if (!steps) return steps.error().message();
  std::string out;
  for (const auto& step : *steps) {
    if (!out.empty()) out += ' ';
    switch (step.kind) {
      case JsonStep::Kind::kName:
        out += step.name;
        break;
      case JsonStep::Kind::kIndex:
        out += fmt::format("[{}]", step.index);
        break;
      case JsonStep::Kind::kElements:
        out += "[*]";
        break;
      case JsonStep::Kind::kNothing:
        out += ".*";
        break;
    }
  }
  return out;
}

TEST(JsonPath, HasNamesIndexesAndWildcards) {
  EXPECT_EQ(Path("$"), "");
  EXPECT_EQ(Path("$.Host"), "Host");
  EXPECT_EQ(Path("$.a[0]['b c'].d-e"), "a [0] b c d-e");
  EXPECT_EQ(Path("$.a[*].*['*']"), "a [*] .* .*");
}

TEST(JsonPath, RefusesWhatSparkTakesForNoPath) {
  EXPECT_EQ(Path("a"), "a path starts with $, as in '$.Host'");
  EXPECT_EQ(Path("$.a..b"), "a name in the path is empty");
  EXPECT_EQ(Path("$['a\"b']"), "names with quotes, backslashes or ? are not supported in a path");
  EXPECT_EQ(Path("$[-1]"),
            "in brackets stands a number, a name in quotes or *, as in $[0], $['name'] or $[*]");
  for (const auto* path : {"$x", "$[", "$[]", "$[0"}) {
    EXPECT_EQ(Path(path), "a path has steps .name, ['name'], [0] and [*], as in '$.items[0].name'");
  }
}

}  // namespace
}  // namespace st::spark_values
