#include "api/events/request_path.h"

#include <gtest/gtest.h>

namespace st::api {
namespace {

TEST(RequestPath, IsDecodedWithoutQuery) {
  EXPECT_EQ(ParseTarget("/").path, "/");
  EXPECT_EQ(ParseTarget("/a/b?c=d").path, "/a/b");
  EXPECT_EQ(ParseTarget("/a#f").path, "/a");
  EXPECT_EQ(ParseTarget("/%73word").path, "/sword");
  EXPECT_EQ(ParseTarget("/caf%C3%a9%20x").path, "/caf\xC3\xA9 x");
  EXPECT_EQ(ParseTarget("/a%2Fb%3Fc").path, "/a/b?c");
  EXPECT_EQ(ParseTarget("/a+b").path, "/a+b");
  EXPECT_EQ(ParseTarget("//a//b/").path, "/a//b/");
  EXPECT_EQ(ParseTarget("//").path, "/");
  EXPECT_EQ(ParseTarget("").path, "/");
  EXPECT_EQ(ParseTarget("?a").path, "/");
}

TEST(RequestPath, KeepsWhatIsNoEscape) {
  for (const std::string text : {"/%", "/%7", "/%zz", "/a%"}) {
    EXPECT_EQ(ParseTarget(text).path, text);
  }
  EXPECT_EQ(ParseTarget("/%%41").path, "/%A");
}

TEST(RequestPath, TakesTheAbsoluteForm) {
  const auto full = ParseTarget("http://shop.example:81/a?b");
  EXPECT_EQ(full.path, "/a");
  EXPECT_EQ(full.authority, "shop.example:81");
  const auto bare = ParseTarget("HTTPS://shop.example");
  EXPECT_EQ(bare.path, "/");
  EXPECT_EQ(bare.authority, "shop.example");
  EXPECT_EQ(ParseTarget("/http://x").authority, "");
}

TEST(RequestPath, MergesAndEncodes) {
  EXPECT_EQ(MergeSlashes("/a//b///"), "/a/b/");
  EXPECT_EQ(EncodePath("/a b\xC3\xA9%\r\n/~"), "/a%20b%C3%A9%25%0D%0A/~");
}

}  // namespace
}  // namespace st::api
