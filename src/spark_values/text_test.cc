#include "spark_values/text.h"

#include <gtest/gtest.h>

#include "spark_values/case.h"
#include "spark_values/limits.h"

namespace st::spark_values {
namespace {

TEST(SparkText, CountsCharacters) {
  EXPECT_EQ(Substring("é🤦ab", 2, 2), "🤦a");
  EXPECT_EQ(Substring("abc", -2, 1), "b");
  EXPECT_EQ(Substring("abc", 0, 2), "ab");
  EXPECT_EQ(Substring("abc", -5, 3), "a");
  EXPECT_EQ(Substring("abc", 2, -1), "");
  EXPECT_EQ(PadLeft("é", 4, "🤦x").value(), "🤦x🤦é");
  EXPECT_EQ(PadRight("abc", 2, "x").value(), "ab");
  EXPECT_EQ(PadRight("abc", 5, "").value(), "abc");
  EXPECT_EQ(Reverse("aé🤦"), "🤦éa");
  EXPECT_EQ(Overlay("abcd", "XX", 2, -1), "aXXd");
  EXPECT_EQ(Locate("b", "ébab", 3), 4);
}

TEST(SparkText, RefusesToMakeMuch) {
  const auto most = static_cast<std::int32_t>(kMaxMadeBytes);
  EXPECT_TRUE(Repeat("a", most));
  EXPECT_FALSE(Repeat("ab", most));
  EXPECT_FALSE(Space(INT32_MAX));
  EXPECT_FALSE(PadLeft("", INT32_MAX, "x"));
}

TEST(SparkText, FindsDelimiters) {
  EXPECT_EQ(SubstringIndex("a.b.c", ".", 2), "a.b");
  EXPECT_EQ(SubstringIndex("a.b.c", ".", -1), "c");
  EXPECT_EQ(SubstringIndex("a.b.c", ".", -9), "a.b.c");
  EXPECT_EQ(SubstringIndex("aaa", "aa", -2), "a");
  EXPECT_EQ(SubstringIndex("", ".", -1), "");
  EXPECT_EQ(FindInSet("b", "a,b"), 2);
  EXPECT_EQ(FindInSet("", "a,"), 2);
  EXPECT_EQ(FindInSet("a,b", "a,b"), 0);
  EXPECT_EQ(TrimBoth("éxé", "é"), "x");
}

TEST(SparkText, ChangesCharacters) {
  EXPECT_EQ(Translate("abcé", "abé", "x"), "xc");
  EXPECT_EQ(Replace("aaa", "aa", "b"), "ba");
  EXPECT_EQ(Mask("Aé1🤦", {.upper = "X", .lower = "x", .digit = "n", .other = ""}), "Xxn🤦");
  EXPECT_EQ(Mask("🤦-", {.upper = "X", .lower = "x", .digit = "n", .other = "o"}), "ooo");
  EXPECT_EQ(Soundex("Robert"), "R163");
  EXPECT_EQ(Soundex("Ashcraft"), "A261");
  EXPECT_EQ(Levenshtein("kitten", "sitting"), 3);
  EXPECT_EQ(LevenshteinWithin("kitten", "sitting", 2), -1);
  EXPECT_FALSE(Levenshtein(std::string(20'000, 'a'), std::string(20'000, 'b')));
  EXPECT_TRUE(PassesLuhn("79927398713"));
  EXPECT_FALSE(PassesLuhn(""));
  EXPECT_EQ(Quote("it's"), "'it\\'s'");
  EXPECT_EQ(Chr(321), "A");
}

TEST(SparkCase, FollowsUnicode) {
  EXPECT_EQ(Upper("straße ﬁ ΐ"), "STRASSE FI \u0399\u0308\u0301");
  EXPECT_EQ(Lower("ΑΣ ΣΑ İ"), "ας σα i̇");
  EXPECT_EQ(Lower("ΑΣ'Α ΑΣ."), "ασ'α ας.") << "an apostrophe does not part a word";
  EXPECT_EQ(InitCap("ßa ﬁ aﬁ ა"), "Ssa Fi Aﬁ ა");
  EXPECT_EQ(InitCap("a-b\tc  d"), "A-b\tc  D");
  EXPECT_TRUE(IsDecimalDigit(U'٣'));
  EXPECT_FALSE(IsUpperLetter(U'Ⅷ'));
}

}  // namespace
}  // namespace st::spark_values
