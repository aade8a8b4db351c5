#include "dialect/spark/aggregate_parser.h"

#include <gtest/gtest.h>

#include "dialect/spark/lexer.h"

namespace st::dialect::spark {
namespace {

// What is said of a call with this behind it; "taken" if nothing is.
std::string Refused(const std::string& text) {
  const SourceText source("x.sql", text);
  TokenCursor cursor(source, Tokenize(source).value());
  const auto checked = RefuseAggregate(cursor, Make(ExprKind::kCall, 0, "f"));
  if (checked) return "taken";
  return checked.error().message().substr(0, checked.error().message().find('\n'));
}

std::string Needs(std::string_view clause) {
  return "x.sql:1:1: " + NeedsWindow(fmt::format("f(…) {} …", clause));
}

TEST(AggregateParser, RefusesWhatItHasReadWhole) {
  EXPECT_EQ(Refused("FILTER (WHERE a > 1)"), Needs("FILTER"));
  EXPECT_EQ(Refused("filter (where a) over w"), Needs("FILTER"));
  EXPECT_EQ(Refused("WITHIN GROUP (ORDER BY a DESC NULLS LAST, b)"), Needs("WITHIN"));
  EXPECT_EQ(Refused("IGNORE NULLS"), Needs("IGNORE"));
  EXPECT_EQ(Refused("RESPECT NULLS OVER (w)"), Needs("RESPECT"));
  for (const auto* window :
       {"w", "`w`", "()", "(PARTITION BY a, b ORDER BY c ASC)", "(ORDER BY a ROWS 1 PRECEDING)",
        "(DISTRIBUTE BY a SORT BY b)", "(CLUSTER BY a)",
        "(ORDER BY a RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND UNBOUNDED FOLLOWING)",
        "(ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"}) {
    EXPECT_EQ(Refused(std::string("OVER ") + window), Needs("OVER")) << window;
  }
}

TEST(AggregateParser, TellsOfAMistakeInIt) {
  EXPECT_EQ(Refused("FILTER (a)"), "x.sql:1:9: expected WHERE in FILTER (WHERE …), found 'a'");
  EXPECT_EQ(Refused("OVER (ORDER a)"), "x.sql:1:13: expected BY behind ORDER, found 'a'");
  EXPECT_EQ(Refused("OVER (ORDER BY a NULLS)"),
            "x.sql:1:23: expected FIRST or LAST behind NULLS, found ')'");
  EXPECT_EQ(Refused("OVER (ROWS BETWEEN 1 PRECEDING)"),
            "x.sql:1:31: expected AND of BETWEEN … AND …, found ')'");
  EXPECT_EQ(Refused("OVER (ROWS CURRENT)"), "x.sql:1:19: expected ROW behind CURRENT, found ')'");
  EXPECT_EQ(Refused("OVER (ROWS 1)"), "x.sql:1:13: expected PRECEDING or FOLLOWING, found ')'");
  EXPECT_EQ(Refused("OVER (PARTITION BY a"),
            "x.sql:1:21: expected ')' at the end of OVER (…), found the end of the file");
}

TEST(AggregateParser, TakesOtherWords) {
  for (const auto* other : {"", "filter", "over FROM t", "over, b", "ignore", "within a", "AS n"}) {
    EXPECT_EQ(Refused(other), "taken") << other;
  }
}

}  // namespace
}  // namespace st::dialect::spark
