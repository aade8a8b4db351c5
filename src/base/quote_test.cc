#include "base/quote.h"

#include <gtest/gtest.h>

namespace st {
namespace {

TEST(Quoted, DoublesTheQuoteAndNothingElse) {
  EXPECT_EQ(Quoted("it's \"x\"", '\''), "'it''s \"x\"'");
  EXPECT_EQ(Quoted("a\"b\\", '"'), "\"a\"\"b\\\"");
  EXPECT_EQ(Quoted("''", '\''), "''''''");
  EXPECT_EQ(Quoted("", '`'), "``");
}

TEST(ShellWord, IsQuotedWhereAShellWouldReadItOtherwise) {
  EXPECT_EQ(ShellWord("/srv/my-game_2/.steelthread"), "/srv/my-game_2/.steelthread");
  EXPECT_EQ(ShellWord("/srv/k\xC3\xA4se"), "/srv/k\xC3\xA4se");
  EXPECT_EQ(ShellWord("/srv/my game"), "'/srv/my game'");
  EXPECT_EQ(ShellWord("~/it's $HOME"), "'~/it'\\''s $HOME'");
  EXPECT_EQ(ShellWord(""), "''");
}

}  // namespace
}  // namespace st
