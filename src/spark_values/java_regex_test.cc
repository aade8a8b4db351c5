#include "spark_values/java_regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::spark_values {
namespace {

using ::testing::ElementsAre;

std::string Pattern(std::string_view java) {
  const auto regex = TranslateRegex(java);
  return regex ? regex->pattern : "refused";
}

std::string Replacement(std::string_view java, int groups) {
  const auto parts = ParseReplacement(java, groups);
  if (!parts) return "refused";
  std::string out;
  for (const auto& part : *parts) {
    out += part.group < 0 ? fmt::format("'{}'", part.text) : fmt::format("{}", part.group);
  }
  return out;
}

TEST(JavaRegex, CopiesWhatMeansTheSame) {
  for (const auto* same : {"abc", "^a(b|c)*d+?", "[a-z0-9_]{2,3}", "(?:x)?", "\\bx\\.", "", "a^"}) {
    EXPECT_EQ(Pattern(same), same);
  }
  EXPECT_EQ(TranslateRegex("(a)(?:b)(?<name>c)")->groups, 2);
}

TEST(JavaRegex, RewritesWhatRe2ReadsOtherwise) {
  EXPECT_EQ(Pattern("\\s"), R"([\t\n\x0B\f\r ])");
  EXPECT_EQ(Pattern("[\\s^]"), R"([\t\n\x0B\f\r \^])");
  EXPECT_EQ(Pattern("\\D[\\W\\d]"), R"([^0-9][\W0-9])");
  EXPECT_EQ(Pattern("."), R"([^\n\r\x{85}\x{2028}\x{2029}])");
  EXPECT_EQ(Pattern("(?s)."), "(?s:.)");
  EXPECT_EQ(Pattern("\\p{Alpha}\\P{L}[\\p{Lu}]"), R"([A-Za-z][^\p{L}][\p{Lu}])");
  EXPECT_EQ(Pattern("\\x41\\u00e9"), R"(\x{41}\x{00e9})");
  EXPECT_EQ(Pattern("\\Qa.b\\E+"), R"(a\.b+)");
}

TEST(JavaRegex, IgnoresTheCaseOfAsciiAlone) {
  EXPECT_EQ(Pattern("(?i)k1"), "[kK]1");
  EXPECT_EQ(Pattern("(?i)[a-fX]"), "[A-Fa-fxX]");
}

TEST(JavaRegex, KnowsWhereAnEndOfALineMatched) {
  EXPECT_EQ(Pattern("a$"), R"(a((?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?)\z)");
  const auto regex = TranslateRegex("(a$|b)(c)").value();
  EXPECT_EQ(regex.groups, 2);
  EXPECT_THAT(regex.numbers, ElementsAre(0, 1, 3));
  EXPECT_THAT(regex.end_groups, ElementsAre(2));
}

TEST(JavaRegex, RefusesConstructsThatMayDiffer) {
  for (const auto* java :
       {"$a",        "(?=a)", "(?i:a)",  "(?m)a",   "a++",    "a**",        "*a",         "(*a)",
        "(?i)*",     "\\",    "[a",      "[]",      "[a[b]]", "[a&&b]",     "(a",         "a)",
        "}",         "]",     "a{2,1}",  "a{x}",    "\\G",    "\\\xC3\xA9", "\\p{Greek}", "\\1",
        "(?i)[A-z]", "\\x4",  "\\ud83d", "a{1001}", "[\\S]"}) {
    EXPECT_EQ(Pattern(java), "refused") << java;
  }
}

TEST(JavaRegex, ParsesReplacementsAsJavaDoes) {
  EXPECT_EQ(Replacement("a$1b", 1), "'a'1'b'");
  EXPECT_EQ(Replacement("$12", 1), "1'2'");
  EXPECT_EQ(Replacement("$12", 12), "12");
  EXPECT_EQ(Replacement("\\$1\\\\", 1), "'$1\\'");
  EXPECT_EQ(Replacement("$0$0", 0), "00");
  for (const auto* java : {"$", "\\", "$x", "${a}", "$2"}) {
    EXPECT_EQ(Replacement(java, 1), "refused") << java;
  }
}

}  // namespace
}  // namespace st::spark_values
