#include "net/http_guard.h"

#include <gtest/gtest.h>

namespace st::net {
namespace {

int StatusOf(const std::string& method, HttpHeaders headers, const std::string& body = "{}") {
  HttpRequest request;
  request.method = method;
  request.headers = std::move(headers);
  request.body = body;
  const auto refusal = RefuseContent(request);
  return refusal ? refusal->status : 200;
}

TEST(RefuseContent, TakesBodiesAsTheyAre) {
  EXPECT_EQ(StatusOf("POST", {{"Content-Encoding", "gzip"}}), 415);
  EXPECT_EQ(StatusOf("POST", {{"content-encoding", "identity"}, {"Content-Encoding", "br"}}), 415);
  EXPECT_EQ(StatusOf("POST", {{"Content-Encoding", "identity, gzip"}}), 415);
  EXPECT_EQ(StatusOf("POST", {{"Content-Encoding", "Identity"}}), 200);
  EXPECT_EQ(StatusOf("GET", {{"Content-Encoding", "gzip"}}, ""), 200);
  HttpRequest request;
  request.headers = {{"Content-Encoding", "gzip"}};
  request.body = "x";
  EXPECT_EQ(FindHeader(RefuseContent(request)->headers, "Accept-Encoding"), "identity");
}

TEST(RefuseContent, TakesUtf8Alone) {
  EXPECT_EQ(StatusOf("POST", {{"Content-Type", "application/json; charset=iso-8859-1"}}), 415);
  EXPECT_EQ(StatusOf("POST", {{"Content-Type", "a/b; x=y; Charset = \"UTF-16\""}}), 415);
  for (const auto* good : {"application/json", "a/b; charset=utf-8", "a/b;charset=\"UTF-8\"",
                           "a/b; x=y", "a/b; charset", "a/b;"}) {
    EXPECT_EQ(StatusOf("POST", {{"Content-Type", good}}), 200) << good;
  }
  EXPECT_EQ(StatusOf("GET", {{"Content-Type", "a/b; charset=latin1"}}, ""), 200);
  EXPECT_EQ(StatusOf("POST", {{"Content-Type", "a/b"}, {"Content-Type", "a/c"}}), 400);
}

TEST(RefuseContent, TakesNoPartsAndNoConditions) {
  EXPECT_EQ(StatusOf("PUT", {{"Content-Range", "bytes 0-1/9"}}), 400);
  EXPECT_EQ(StatusOf("GET", {{"Content-Range", "bytes 0-1/9"}}, ""), 200);
  EXPECT_EQ(StatusOf("DELETE", {{"If-Match", "\"x\""}}, ""), 412);
  EXPECT_EQ(StatusOf("PUT", {{"If-None-Match", "*"}}), 412);
  EXPECT_EQ(StatusOf("POST", {{"If-Unmodified-Since", "Sat, 28 Nov 2026 10:00:00 GMT"}}), 412);
}

// A GET may log an event, and a HEAD with it.
TEST(RefuseContent, TakesNoConditionOfAReadThatCannotHold) {
  for (const auto* method : {"GET", "HEAD"}) {
    EXPECT_EQ(StatusOf(method, {{"If-Match", "\"x\""}}, ""), 412) << method;
    EXPECT_EQ(StatusOf(method, {{"if-match", "*"}}, ""), 412) << method;
    EXPECT_EQ(StatusOf(method, {{"If-None-Match", " *"}}, ""), 412) << method;
    EXPECT_EQ(StatusOf(method, {{"If-None-Match", "\"x\", \"y\""}}, ""), 200) << method;
    EXPECT_EQ(StatusOf(method, {{"If-Modified-Since", "Sat, 28 Nov 2026 10:00:00 GMT"}}, ""), 200);
    EXPECT_EQ(StatusOf(method, {{"If-Unmodified-Since", "Sat, 28 Nov 2026 10:00:00 GMT"}}, ""),
              200);
  }
  EXPECT_EQ(StatusOf("OPTIONS", {{"If-Match", "\"x\""}}, ""), 200);
}

}  // namespace
}  // namespace st::net
