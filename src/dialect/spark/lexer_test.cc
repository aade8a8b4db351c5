#include "dialect/spark/lexer.h"

#include <gtest/gtest.h>

namespace st::dialect::spark {
namespace {

// Shows each token but the last as a letter for its kind and its text: "w:select n:1".
std::string Tokens(std::string_view text) {
  const SourceText source("x.sql", std::string(text));
  const auto tokens = Tokenize(source);
  if (!tokens) return tokens.error().message().substr(0, tokens.error().message().find('\n'));
  EXPECT_EQ(tokens->back().kind, TokenKind::kEnd);
  std::string out;
  for (const auto& token : *tokens) {
    if (token.kind == TokenKind::kEnd) break;
    constexpr std::string_view kLetters = "wqsny";
    out += fmt::format("{}{}:{}", out.empty() ? "" : " ",
                       kLetters[static_cast<std::size_t>(token.kind)], token.text);
  }
  return out;
}

TEST(Lexer, TellsWordsNumbersStringsNamesAndSymbolsApart) {
  EXPECT_EQ(Tokens("Select _a1, `b c` from"), "w:Select w:_a1 y:, q:b c w:from");
  EXPECT_EQ(Tokens("'a' \"b\" r'\\n' R\"x\""), "s:a s:b s:\\n s:x");
  EXPECT_EQ(Tokens("r rx"), "w:r w:rx");
  EXPECT_EQ(Tokens(""), "");
}

TEST(Lexer, TakesTheLongestSymbol) {
  EXPECT_EQ(Tokens("a<=>b<=c<>d!=e==f||g::h->i"),
            "w:a y:<=> w:b y:<= w:c y:<> w:d y:!= w:e y:== w:f y:|| w:g y::: w:h y:-> w:i");
  EXPECT_EQ(Tokens("< = >"), "y:< y:= y:>");
}

TEST(Lexer, EndsANumberWhereSparkEndsIt) {
  EXPECT_EQ(Tokens("1 1.5 .5 1. 1e3 1e-3 1E+3 10L 1.5D 0x1F"),
            "n:1 n:1.5 n:.5 n:1. n:1e3 n:1e-3 n:1E+3 n:10L n:1.5D n:0x1F");
  EXPECT_EQ(Tokens("1.x 1..2 1-2 1e+"), "n:1 y:. w:x n:1 y:. n:.2 n:1 y:- n:2 n:1e y:+");
}

TEST(Lexer, LeavesCommentsOut) {
  EXPECT_EQ(Tokens("a -- b\nc /* d\n */ e --"), "w:a w:c w:e");
  EXPECT_EQ(Tokens("a /* /* */ */ b"), "w:a w:b") << "comments nest";
  EXPECT_EQ(Tokens("'-- a' `/* b */`"), "s:-- a q:/* b */");
  EXPECT_EQ(Tokens("a /* b"), "x.sql:1:3: this comment has no end; close it with */");
  EXPECT_EQ(Tokens("/*/"), "x.sql:1:1: this comment has no end; close it with */");
}

TEST(Lexer, ReadsEscapesAndDoubledQuotes) {
  EXPECT_EQ(Tokens(R"('it''s' "a""b" 'a\'b' '\\' '\n')"), "s:it's s:a\"b s:a'b s:\\ s:\n");
  EXPECT_EQ(Tokens(R"(r'a''b')"), "s:a s:b") << "a raw string has no escape at all";
  EXPECT_EQ(Tokens("`a``b`"), "q:a`b");
  EXPECT_EQ(UnescapeString(R"(\u00e9\U0001F600\101\t\Z\%\_\q)"),
            "\xC3\xA9\xF0\x9F\x98\x80"
            "A\t\x1A\\%\\_q");
  EXPECT_EQ(UnescapeString(R"(\u00g9 \801 \)"), "u00g9 801 \\");
}

TEST(Lexer, RefusesWhatHasNoEnd) {
  EXPECT_EQ(Tokens("a 'b"), "x.sql:1:3: this string has no end; close it with '");
  EXPECT_EQ(Tokens(R"(a "b\")"), "x.sql:1:3: this string has no end; close it with \"");
  EXPECT_EQ(Tokens("`a\n`"), "x.sql:1:1: this name has no end; close it with `");
  EXPECT_EQ(Tokens("``"), "x.sql:1:1: a name in backticks must not be empty");
}

TEST(Lexer, RefusesBytesThatBeginNoToken) {
  EXPECT_EQ(Tokens("a @"), "x.sql:1:3: unexpected character '@'");
  EXPECT_EQ(Tokens("\xC3\xA9"),
            "x.sql:1:1: unexpected byte 0xc3; names with other letters than a-z, 0-9 and _ stand "
            "in backticks");
  EXPECT_EQ(Tokens(R"('\0')"),
            "x.sql:1:1: this string holds a zero byte or half a character, which is not supported");
}

TEST(Lexer, KnowsWhereEachTokenStands) {
  const SourceText source("x.sql", " ab  'c' ");
  const auto tokens = Tokenize(source).value();
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(tokens[0].position, 1U);
  EXPECT_EQ(tokens[0].end, 3U);
  EXPECT_EQ(tokens[1].position, 5U);
  EXPECT_EQ(tokens[1].end, 8U);
  EXPECT_EQ(tokens[2].position, 9U);
}

TEST(Lexer, TakesKeywordsInAnyCaseButNotInBackticks) {
  const auto tokens = Tokenize(SourceText("x.sql", "FROM `from`")).value();
  EXPECT_TRUE(tokens[0].IsWord("from"));
  EXPECT_FALSE(tokens[1].IsWord("from"));
  EXPECT_FALSE(tokens[0].IsSymbol("FROM"));
}

}  // namespace
}  // namespace st::dialect::spark
