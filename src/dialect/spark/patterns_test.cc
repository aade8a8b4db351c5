#include "dialect/spark/patterns.h"

#include <gtest/gtest.h>

namespace st::dialect::spark {
namespace {

std::string Path(std::string_view path) {
  const auto translated = TranslateJsonPath(path);
  return translated ? translated->value_or("none") : translated.error().message();
}

TEST(JsonPath, QuotesNamesAndKeepsIndexes) {
  EXPECT_EQ(Path("$"), "$");
  EXPECT_EQ(Path("$.Host"), "$.\"Host\"");
  EXPECT_EQ(Path("$.a[0]['b c'].d-e"), "$.\"a\"[0].\"b c\".\"d-e\"");
}

TEST(JsonPath, RefusesWhatDuckDbWouldReadOtherwise) {
  EXPECT_EQ(Path("a"), "a path starts with $, as in '$.Host'");
  EXPECT_EQ(Path("$.a..b"), "a name in the path is empty");
  EXPECT_EQ(Path("$['a\"b']"), "names with quotes, backslashes or ? are not supported in a path");
  EXPECT_EQ(Path("$[-1]"),
            "in brackets stands a number, a name in quotes or *, as in $[0], $['name'] or $[*]");
  for (const auto* path : {"$x", "$[", "$[]", "$[0"}) {
    EXPECT_EQ(Path(path), "a path has steps .name, ['name'], [0] and [*], as in '$.items[0].name'");
  }
}

TEST(JsonPath, LeavesWildcardsToTheWorker) {
  for (const auto* path : {"$.*", "$[*]", "$.a[*].b", "$['*']"}) EXPECT_EQ(Path(path), "none");
}

TEST(LikePattern, HasABackslashBeforeItsOwnSignsOnly) {
  EXPECT_TRUE(CheckLikePattern("a\\%b\\_c\\\\%_"));
  EXPECT_FALSE(CheckLikePattern("a\\b"));
  EXPECT_FALSE(CheckLikePattern("a\\"));
}

}  // namespace
}  // namespace st::dialect::spark
