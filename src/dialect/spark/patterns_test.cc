#include "dialect/spark/patterns.h"

#include <gtest/gtest.h>

namespace st::dialect::spark {
namespace {

std::string Path(std::string_view path) {
  const auto translated = TranslateJsonPath(path);
  return translated ? *translated : translated.error().message();
}

std::string Pattern(std::string_view java) {
  const auto regex = TranslateRegex(java);
  return regex ? regex->pattern : "refused";
}

TEST(JsonPath, QuotesNamesAndKeepsIndexes) {
  EXPECT_EQ(Path("$"), "$");
  EXPECT_EQ(Path("$.Host"), "$.\"Host\"");
  EXPECT_EQ(Path("$.a[0]['b c'].d-e"), "$.\"a\"[0].\"b c\".\"d-e\"");
}

TEST(JsonPath, RefusesWhatDuckDbWouldReadOtherwise) {
  EXPECT_EQ(Path("a"), "a path starts with $, as in '$.Host'");
  EXPECT_EQ(Path("$.*"), "wildcards (*) are not supported yet");
  EXPECT_EQ(Path("$[*]"), "wildcards (*) are not supported yet");
  EXPECT_EQ(Path("$.a..b"), "a name in the path is empty");
  EXPECT_EQ(Path("$['a\"b']"), "names with quotes, backslashes or ? are not supported in a path");
  EXPECT_EQ(Path("$[-1]"),
            "in brackets stands a number or a name in quotes, as in $[0] or "
            "$['name']");
  for (const auto* path : {"$x", "$[", "$[]", "$[0"}) {
    EXPECT_EQ(Path(path), "a path has steps .name, ['name'] and [0], as in '$.items[0].name'");
  }
}

TEST(Regex, CopiesWhatMeansTheSame) {
  for (const auto* same : {"abc", "^a(b|c)*d+?", "[a-z0-9_]{2,3}", "(?:x)?", "\\d\\w\\.", ""}) {
    EXPECT_EQ(Pattern(same), same);
  }
  EXPECT_EQ(TranslateRegex("(a)(?:b)(c)")->groups, 2);
  EXPECT_FALSE(TranslateRegex("a")->has_end_anchor);
}

TEST(Regex, RewritesWhatJavaReadsOtherwise) {
  EXPECT_EQ(Pattern("\\s"), R"([\t\n\x0B\f\r ])");
  EXPECT_EQ(Pattern("[\\s^]"), R"([\t\n\x0B\f\r \^])");
  EXPECT_EQ(Pattern("."), R"([^\n\r\x{85}\x{2028}\x{2029}])");
  EXPECT_EQ(Pattern("a$"), R"(a(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z)");
  EXPECT_TRUE(TranslateRegex("a$")->has_end_anchor);
}

TEST(Regex, RefusesConstructsThatMayDiffer) {
  for (const auto* java : {"a^",  "$a", "(?i)a",  "(?=a)",   "a++",    "a**",       "*a", "(*a)",
                           "\\b", "\\", "[a",     "[]",      "[a[b]]", "[a&&b]",    "(a", "a)",
                           "}",   "]",  "a{2,1}", "a{1001}", "a{x}",   "\\\xC3\xA9"}) {
    EXPECT_EQ(Pattern(java), "refused") << java;
  }
}

TEST(LikePattern, HasABackslashBeforeItsOwnSignsOnly) {
  EXPECT_TRUE(CheckLikePattern("a\\%b\\_c\\\\%_"));
  EXPECT_FALSE(CheckLikePattern("a\\b"));
  EXPECT_FALSE(CheckLikePattern("a\\"));
}

}  // namespace
}  // namespace st::dialect::spark
