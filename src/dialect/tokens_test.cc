#include "dialect/tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace st::dialect {
namespace {

std::string Show(std::string_view sql) {
  std::string out;
  for (const Token& token : Tokenize(sql)) {
    if (token.kind == Token::Kind::kEnd) break;
    constexpr std::string_view kLetters = "wqsny";
    out += out.empty() ? "" : " ";
    out += kLetters[static_cast<std::size_t>(token.kind)];
    out += ":";
    out += token.text;
  }
  return out;
}

TEST(Tokens, KeepWhatIsQuotedInOnePiece) {
  EXPECT_EQ(Show("select \"a\"\"b\", 'it''s;'"), "w:select q:\"a\"\"b\" y:, s:'it''s;'");
  EXPECT_EQ(Show(R"(e'a\';' x'ff')"), R"(s:e'a\';' w:x s:'ff')");
  EXPECT_EQ(Show("$$a;'$$ $t$ $$ $t$ $1"), "s:$$a;'$$ s:$t$ $$ $t$ y:$ n:1");
}

TEST(Tokens, LeaveNestedCommentsOut) {
  EXPECT_EQ(Show("a /* b /* c */ d */ e -- f\ng"), "w:a w:e w:g");
  EXPECT_EQ(Show("'-- a' b"), "s:'-- a' w:b");
}

TEST(Tokens, GoToTheEndWhereAQuoteOrACommentIsOpen) {
  EXPECT_EQ(Show("a 'b"), "w:a s:'b");
  EXPECT_EQ(Show("a /* b"), "w:a");
  EXPECT_EQ(Show("a $t$ b"), "w:a s:$t$ b");
}

TEST(Tokens, EndANumberWhereDuckDbDoes) {
  EXPECT_EQ(Show("1.5e-3+.5-x1"), "n:1.5e-3 y:+ n:.5 y:- w:x1");
  EXPECT_EQ(Show("1_000"), "n:1_000");
}

TEST(Tokens, KnowTheirPlaceAndTheEnd) {
  const auto tokens = Tokenize(" a;");
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(tokens[0].offset, 1U);
  EXPECT_TRUE(tokens[1].IsSign(';'));
  EXPECT_EQ(tokens[2].kind, Token::Kind::kEnd);
  EXPECT_EQ(tokens[2].offset, 3U);
}

}  // namespace
}  // namespace st::dialect
