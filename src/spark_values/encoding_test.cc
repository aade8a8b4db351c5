#include "spark_values/encoding.h"

#include <gtest/gtest.h>

#include "spark_values/hash.h"
#include "spark_values/regex.h"
#include "spark_values/sha2.h"
#include "spark_values/url.h"

namespace st::spark_values {
namespace {

TEST(SparkEncoding, ReadsHexadecimalAndBase64) {
  EXPECT_EQ(Hex("a\xFF"), "61FF");
  EXPECT_EQ(Unhex("F61")->bytes, "\x0F\x61");
  EXPECT_FALSE(Unhex("4G"));
  EXPECT_EQ(Unbase64("Q U\nJD")->bytes, "ABC");
  EXPECT_EQ(Unbase64("QQ")->bytes, "A");
  for (const auto* text : {"A", "=", "QQ=", "QQ==QQ=="}) EXPECT_FALSE(Unbase64(text)) << text;
  EXPECT_TRUE(IsStrictBase64("QQ =="));
  EXPECT_FALSE(IsStrictBase64("QU$J"));
}

TEST(SparkEncoding, KnowsJavasCharacterSets) {
  EXPECT_EQ(Encode("é", *CharacterSetOf("UTF-16"))->bytes, std::string("\xFE\xFF\x00\xE9", 4));
  EXPECT_EQ(Encode("🤦", *CharacterSetOf("utf-16le"))->bytes, "\x3E\xD8\x26\xDD");
  EXPECT_FALSE(Encode("é", CharacterSet::kAscii));
  EXPECT_EQ(Decode("\x3E\xD8\x26\xDD", CharacterSet::kUtf16Le).value(), "🤦");
  EXPECT_FALSE(Decode("\xD8\x3E", CharacterSet::kUtf16Be));
  EXPECT_FALSE(Decode("\xFF", CharacterSet::kUtf8));
  EXPECT_EQ(Decode("\xFF", CharacterSet::kLatin1).value(), "ÿ");
  EXPECT_FALSE(CharacterSetOf("utf8"));
}

TEST(SparkEncoding, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(MakeValidUtf8("a\xE2\x82z\xFF"), "a\uFFFDz\uFFFD");
  EXPECT_EQ(TextOfBytes("a\xED\xA0\x80z\xED\xFF\xED\x9F\xBF"), "a\uFFFDz\uFFFD\uFFFD\uD7FF");
  EXPECT_EQ(UrlEncode("a b*é"), "a+b*%C3%A9");
  EXPECT_EQ(UrlDecode("a+%C3%A9").value(), "a é");
  EXPECT_FALSE(UrlDecode("%4"));
}

TEST(SparkHash, IsSparks) {
  EXPECT_EQ(Murmur3Bytes("", 42), 142593372);
  EXPECT_EQ(XxHashBytes("", 42), -7444071767201028348);
  EXPECT_EQ(Murmur3Double(-0.0, 42), Murmur3Double(0.0, 42));
  EXPECT_EQ(Crc32("ABCD"), 3675725989);
  EXPECT_EQ(Sha224(""), "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f");
  EXPECT_EQ(Sha512("").substr(0, 16), "cf83e1357eefb8bd");
  EXPECT_EQ(Sha384("").substr(0, 16), "38b060a751ac9638");
}

TEST(SparkUrl, HasTheParts) {
  const auto part = [](std::string_view url, std::string_view name) {
    const auto found = ParseUrl(url, name);
    return found ? found->value_or("NULL") : "no URL";
  };
  EXPECT_EQ(part("https://u:p@h.com:80/a?x=1#f", "HOST"), "h.com");
  EXPECT_EQ(part("https://u:p@h.com:80/a?x=1#f", "AUTHORITY"), "u:p@h.com:80");
  EXPECT_EQ(part("https://u:p@h.com:80/a?x=1#f", "FILE"), "/a?x=1");
  EXPECT_EQ(part("http://a_b/", "HOST"), "NULL");
  EXPECT_EQ(part("mailto:a@b", "PATH"), "NULL");
  for (const auto* url : {"a b", "http://", "http://h/%z", ":a", "1a:b", "http://[::z]/"}) {
    EXPECT_EQ(part(url, "HOST"), "no URL") << url;
  }
  EXPECT_EQ(ParseUrlQuery("http://h/?ab=1&b=2", "QUERY", "b").value().value(), "2");
}

TEST(SparkRegex, MatchesAsJavaDoes) {
  RegexCache cache;
  EXPECT_EQ(RegexpReplace(cache, "xxa", "x*", "-", 1).value(), "--a-");
  EXPECT_EQ(RegexpReplace(cache, "ab\n", "b$", "", 1).value(), "a\n");
  EXPECT_EQ(RegexpReplace(cache, "aba", "a", "x", 2).value(), "abx");
  EXPECT_EQ(RegexpReplace(cache, "ab", "(a)(x)?", "$2$1", 1).value(), "ab");
  EXPECT_EQ(RegexpCount(cache, "abab", "ab").value(), 2);
  EXPECT_EQ(RegexpInstr(cache, "🤦b", "b").value(), 3);
  EXPECT_EQ(RegexpExtract(cache, "ab", "(a$)|b", 1).value(), "");
  EXPECT_FALSE(RegexpExtract(cache, "ab", "(a)", 2));
}

}  // namespace
}  // namespace st::spark_values
