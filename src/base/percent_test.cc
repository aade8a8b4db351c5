#include "base/percent.h"

#include <gtest/gtest.h>

namespace st {
namespace {

TEST(PercentDecode, ReplacesEachEscapeByItsByte) {
  EXPECT_EQ(PercentDecode(""), "");
  EXPECT_EQ(PercentDecode("%73word"), "sword");
  EXPECT_EQ(PercentDecode("caf%C3%a9%20x"), "caf\xC3\xA9 x");
  EXPECT_EQ(PercentDecode("a%2Fb%3Fc%00"), std::string("a/b?c\0", 6));
  EXPECT_EQ(PercentDecode("%2541"), "%41") << "once";
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
  EXPECT_EQ(PercentDecode("a+b%2B", {.plus_is_space = true}), "a b+");
}

TEST(PercentDecode, ABadEscapeIsRefusedOrKept) {
  for (const std::string text : {"%", "%7", "a%zz", "a%", "%%41", "%+1"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
    EXPECT_EQ(PercentDecode(text, {.plus_is_space = true}), std::nullopt) << text;
  }
  for (const std::string text : {"%", "%7", "a%zz", "a%"}) {
    EXPECT_EQ(PercentDecode(text, {.keeps_bad_escapes = true}), text);
  }
  EXPECT_EQ(PercentDecode("%%41", {.keeps_bad_escapes = true}), "%A");
  EXPECT_EQ(PercentDecode("%+1", {.keeps_bad_escapes = true, .plus_is_space = true}), "% 1");
}

TEST(PercentEncodePath, LeavesUnreservedCharactersAndSlashes) {
  EXPECT_EQ(PercentEncodePath("/a b\xC3\xA9%\r\n/~"), "/a%20b%C3%A9%25%0D%0A/~");
}

}  // namespace
}  // namespace st
