#include "dialect/lexical.h"

#include <gtest/gtest.h>

namespace st::dialect {
namespace {

constexpr BlankRules kFlat{.spaces = " \n", .comments_nest = false};
constexpr BlankRules kNested{.spaces = " \n", .comments_nest = true};

TEST(Blanks, EndAtTheFirstByteOfAToken) {
  EXPECT_EQ(BlanksAt("  -- a\n /* b */x", 0, kFlat).end, 15U);
  EXPECT_EQ(BlanksAt("x  ", 0, kFlat).end, 0U);
  EXPECT_EQ(BlanksAt("-- a", 0, kFlat).end, 4U);
  EXPECT_EQ(BlanksAt("\tx", 0, kFlat).end, 0U) << "a space is what the rules say";
  EXPECT_EQ(BlanksAt("/x", 0, kFlat).end, 0U);
}

TEST(Blanks, NestCommentsWhereTheEngineDoes) {
  EXPECT_EQ(BlanksAt("/* /* */ */x", 0, kFlat).end, 9U);
  EXPECT_EQ(BlanksAt("/* /* */ */x", 0, kNested).end, 11U);
}

TEST(Blanks, SayWhereACommentIsNotClosed) {
  for (const auto* open : {" /* a", " /*/", " /*", " /* *"}) {
    const Blanks blanks = BlanksAt(open, 0, kFlat);
    EXPECT_EQ(blanks.open_comment, 1U) << open;
    EXPECT_EQ(blanks.end, std::string_view(open).size()) << open;
  }
  EXPECT_EQ(BlanksAt("/* a */", 0, kFlat).open_comment, std::nullopt);
}

TEST(QuoteEnd, FollowsDoubledQuotesAndEscapesByTheRules) {
  EXPECT_EQ(QuoteEnd("'a''b' c", 0, {}), 6U);
  EXPECT_EQ(QuoteEnd("'a''b' c", 0, {.is_doubled = false}), 3U);
  EXPECT_EQ(QuoteEnd(R"('a\'b' c)", 0, {.has_escapes = true}), 6U);
  EXPECT_EQ(QuoteEnd(R"('a\'b' c)", 0, {}), 4U);
  EXPECT_EQ(QuoteEnd("x\"'\"", 1, {}), 4U);
}

TEST(QuoteEnd, IsNothingForAnOpenQuote) {
  EXPECT_EQ(QuoteEnd("'a", 0, {}), std::nullopt);
  EXPECT_EQ(QuoteEnd("'a''", 0, {}), std::nullopt);
  EXPECT_EQ(QuoteEnd(R"('a\)", 0, {.has_escapes = true}), std::nullopt);
  EXPECT_EQ(QuoteEnd("'", 0, {}), std::nullopt);
}

}  // namespace
}  // namespace st::dialect
