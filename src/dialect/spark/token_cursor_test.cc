#include "dialect/spark/token_cursor.h"

#include <gtest/gtest.h>

#include <string>

#include "dialect/spark/lexer.h"

namespace st::dialect::spark {
namespace {

std::string LineOf(const Error& error) {
  return error.message().substr(0, error.message().find('\n'));
}

TEST(TokenCursor, StaysAtTheEnd) {
  const SourceText source("x.sql", "a");
  TokenCursor cursor(source, Tokenize(source).value());
  EXPECT_EQ(cursor.Take().text, "a");
  EXPECT_EQ(cursor.Previous().text, "a");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cursor.Take().kind, TokenKind::kEnd);
  EXPECT_EQ(cursor.Peek(100).kind, TokenKind::kEnd);
}

TEST(TokenCursor, TakesWordsInAnyCaseAndNoQuotedOnes) {
  const SourceText source("x.sql", "SeLeCt `from` , \"x\"");
  TokenCursor cursor(source, Tokenize(source).value());
  EXPECT_FALSE(cursor.TakeWord("from"));
  EXPECT_TRUE(cursor.TakeWord("select"));
  EXPECT_FALSE(cursor.TakeWord("from")) << "a quoted name is no word";
  EXPECT_EQ(cursor.ExpectName("a name").value(), "from");
  EXPECT_FALSE(cursor.TakeSymbol("("));
  EXPECT_TRUE(cursor.TakeSymbol(","));
  EXPECT_FALSE(cursor.ExpectName("a name")) << "a text is no name";
}

TEST(TokenCursor, SaysWhatIsExpectedWhere) {
  const SourceText source("x.sql", "a\n  b");
  TokenCursor cursor(source, Tokenize(source).value());
  cursor.Take();
  EXPECT_EQ(LineOf(cursor.ExpectWord("from", "behind SELECT").error()),
            "x.sql:2:3: expected FROM behind SELECT, found 'b'");
  EXPECT_EQ(LineOf(cursor.ExpectSymbol(")", "at the end").error()),
            "x.sql:2:3: expected ')' at the end, found 'b'");
  EXPECT_EQ(cursor.Peek().text, "b") << "nothing was taken";
  cursor.Take();
  EXPECT_EQ(LineOf(cursor.Unexpected("a column").error()),
            "x.sql:2:4: expected a column, found the end of the file");
}

}  // namespace
}  // namespace st::dialect::spark
