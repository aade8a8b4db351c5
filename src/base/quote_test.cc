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

}  // namespace
}  // namespace st
