#include "dialect/spark/interval_parser.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dialect/spark/lexer.h"

namespace st::dialect::spark {
namespace {

// "units 1 day", and what is left; or the first line of the error.
std::string Parse(std::string_view text) {
  const SourceText source("x.sql", std::string(text));
  TokenCursor cursor(source, Tokenize(source).value());
  if (!BeginsInterval(cursor)) return "no interval";
  const auto expr = ParseInterval(cursor);
  if (!expr) return expr.error().message().substr(0, expr.error().message().find('\n'));
  EXPECT_EQ(expr->kind, ExprKind::kInterval);
  const auto rest = cursor.Peek().kind == TokenKind::kEnd ? "" : " then " + cursor.Peek().text;
  return fmt::format("{} {}{}", expr->text, fmt::join(expr->names, " "), rest);
}

TEST(IntervalParser, ReadsNumbersWithUnits) {
  EXPECT_EQ(Parse("INTERVAL 1 DAY"), "units 1 DAY");
  EXPECT_EQ(Parse("interval '1' day -2 hours + 3.5 seconds"), "units 1 day -2 hours 3.5 seconds");
  EXPECT_EQ(Parse("INTERVAL - '-1' MONTH"), "units 1 MONTH") << "two signs";
  EXPECT_EQ(Parse("INTERVAL 1 DAY * 2"), "units 1 DAY then *");
}

TEST(IntervalParser, ReadsTextsAndRanges) {
  EXPECT_EQ(Parse("INTERVAL '1 day 2 hours'"), "text 1 day 2 hours");
  EXPECT_EQ(Parse("INTERVAL '1 02' DAY TO HOUR"), "range 1 02 DAY HOUR");
  EXPECT_EQ(Parse("INTERVAL -'1-2' YEAR TO MONTH"), "range -1-2 YEAR MONTH");
}

TEST(IntervalParser, TheWordAloneIsAName) {
  EXPECT_EQ(Parse("interval"), "no interval");
  EXPECT_EQ(Parse("interval + n"), "no interval");
  EXPECT_EQ(Parse("interval day"), "no interval");
}

TEST(IntervalParser, SaysWhatItExpected) {
  EXPECT_EQ(Parse("INTERVAL 1 WORD"), "x.sql:1:12: expected a unit, as DAY or HOURS, found 'WORD'");
  EXPECT_EQ(Parse("INTERVAL '1 02' DAY TO 5"), "x.sql:1:24: expected the last unit, found '5'");
}

}  // namespace
}  // namespace st::dialect::spark
