#include "dialect/source_text.h"

#include <gtest/gtest.h>

namespace st::dialect {
namespace {

TEST(SourceText, CountsLinesAndCodePointsFromOne) {
  const SourceText source("a.sql", "select\n  \xC3\xA9\xE6\x97\xA5x\n");
  EXPECT_EQ(source.PlaceOf(0), "a.sql:1:1");
  EXPECT_EQ(source.PlaceOf(7), "a.sql:2:1");
  EXPECT_EQ(source.PlaceOf(source.text().find('x')), "a.sql:2:5");
  EXPECT_EQ(source.PlaceOf(9999), "a.sql:3:1") << "a place behind the end is the end";
}

TEST(SourceText, ShowsTheLineAndACaretUnderThePlace) {
  const SourceText source("a.sql", "one\ntwo three\r\nfour");
  const Error error = source.At(8, "it is odd");
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error.message(), "a.sql:2:5: it is odd\n  two three\n      ^");
}

TEST(SourceText, ShowsOfALongLineWhatIsAroundThePlace) {
  std::string line;
  while (line.size() < 1000) line += "ä";
  const auto middle = SourceText("x", line + "\nnext").ExcerptAt(500);
  EXPECT_TRUE(middle.starts_with("\n  …ä")) << middle;
  EXPECT_TRUE(middle.contains("ä…\n   ")) << middle;
  EXPECT_LT(middle.size(), 300U);
  EXPECT_EQ(middle.substr(middle.rfind('\n')), "\n  " + std::string(51, ' ') + "^");
  EXPECT_TRUE(SourceText("x", line).ExcerptAt(0).starts_with("\n  ää"));
  EXPECT_TRUE(
      SourceText("x", line).ExcerptAt(1000).ends_with("ä\n  " + std::string(51, ' ') + "^"));
}

TEST(SourceText, KeepsTabsSoThatTheCaretStandsRight) {
  EXPECT_EQ(SourceText("a.sql", "\t\xC3\xA9\tx").At(4, "m").message(),
            "a.sql:1:4: m\n  \t\xC3\xA9\tx\n  \t \t^");
  EXPECT_EQ(SourceText("a.sql", "").At(0, "m").message(), "a.sql:1:1: m\n  \n  ^");
}

}  // namespace
}  // namespace st::dialect
