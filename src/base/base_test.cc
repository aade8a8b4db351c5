#include <gtest/gtest.h>

#include <cctype>

#include "base/ascii.h"
#include "base/crc32c.h"
#include "base/ids.h"
#include "base/metrics.h"
#include "base/problem.h"
#include "base/result.h"
#include "base/text.h"
#include "base/topic_name.h"

namespace st {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return Fail(ErrorCode::kInvalidArgument, "{} is odd", n);
  return n / 2;
}
Result<int> Quarter(int n) {
  ST_TRY(const int half, Half(n));
  return Half(half);
}

TEST(Error, KeepsItsDetailWithAContext) {
  const Error plain(ErrorCode::kInvalidArgument, "odd");
  EXPECT_EQ(plain.detail(), ErrorDetail::kNone);
  const Status failed = Fail(ErrorCode::kInvalidArgument, ErrorDetail::kPartitionCount, "{}", 0);
  const Error error = failed.error().WithContext("topic t");
  EXPECT_EQ(error.detail(), ErrorDetail::kPartitionCount);
  EXPECT_EQ(error.ToString(), "invalid argument: topic t: 0");
}

TEST(Result, TryBindsOrReturnsTheError) {
  EXPECT_EQ(Quarter(8).value(), 2);
  ASSERT_FALSE(Quarter(6).has_value());
  EXPECT_EQ(Quarter(6).error().ToString(), "invalid argument: 3 is odd");
}

TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(Crc32c("6789", Crc32c("12345")), 0xE3069283U);
}

TEST(Text, Base64AndHexRoundTrip) {
  for (const std::string text : {"", "a", "ab", "abc", "abcd"}) {
    EXPECT_EQ(Base64Decode(Base64Encode(text)), text);
    EXPECT_EQ(HexDecode(HexEncode(text)), text);
  }
  EXPECT_EQ(Base64Encode("Man"), "TWFu");
  EXPECT_EQ(Base64Encode("Ma"), "TWE=");
  EXPECT_FALSE(Base64Decode("TW=u").has_value());
  EXPECT_FALSE(HexDecode("0g").has_value());
}

TEST(Text, NearestNameOnlyWhereItIsMeant) {
  const std::vector<std::string> keys = {"http.listen", "kafka.listen", "sql.listen"};
  EXPECT_EQ(NearestName("http.listne", keys), "http.listen");
  EXPECT_FALSE(NearestName("colour", keys).has_value());
  const std::vector<std::string> commands = {"run", "rename"};
  EXPECT_EQ(NearestName("rnu", commands), "run") << "a swap is one edit";
  EXPECT_EQ(NearestName("urn", commands), "run");
  EXPECT_FALSE(NearestName("nur", commands).has_value());
}

TEST(Text, Utf8RefusesOverlongSurrogatesAndTruncation) {
  EXPECT_TRUE(IsUtf8("caf\xC3\xA9 \xF0\x9F\x97\xA1"));
  EXPECT_FALSE(IsUtf8("\xC0\x80"));
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsUtf8("\xE2\x82"));
  EXPECT_FALSE(IsUtf8("\xF5\x80\x80\x80"));
}

TEST(Ids, UuidRoundTripsAsText) {
  const std::string text = "01020304-0506-0708-090a-0b0c0d0e0f10";
  const auto id = Uuid::Parse(text);
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->ToString(), text);
  EXPECT_FALSE(Uuid::Parse("01020304").has_value());
}

TEST(Ids, APositionNamesTopicPartitionAndOffset) {
  const TopicPosition position{
      .topic = "events", .partition = PartitionId(2), .offset = Offset(42)};
  EXPECT_EQ(position.ToString(), "events/2:42");
}

TEST(Metrics, RenderAsPrometheusText) {
  MetricRegistry registry;
  registry.Counter("st_requests_total", "Requests.", R"(code="200")").Add(2);
  EXPECT_EQ(registry.Render(),
            "# HELP st_requests_total Requests.\n# TYPE st_requests_total counter\n"
            "st_requests_total{code=\"200\"} 2\n");
}

TEST(Metrics, AHistogramCountsUpToAndWithEachBound) {
  MetricRegistry registry;
  auto& seconds = registry.Distribution("st_seconds", "Time.", {0.005, 1}, R"(part="a")");
  for (const double value : {0.0, 0.005, 0.006, 2.0}) seconds.Observe(value);
  EXPECT_EQ(registry.Render(),
            "# HELP st_seconds Time.\n# TYPE st_seconds histogram\n"
            "st_seconds_bucket{part=\"a\",le=\"0.005\"} 2\n"
            "st_seconds_bucket{part=\"a\",le=\"1\"} 3\n"
            "st_seconds_bucket{part=\"a\",le=\"+Inf\"} 4\n"
            "st_seconds_sum{part=\"a\"} 2.011\n"
            "st_seconds_count{part=\"a\"} 4\n");
  EXPECT_EQ(&registry.Distribution("st_seconds", "Time.", {0.005, 1}, R"(part="a")"), &seconds);
}

TEST(ProblemJson, IsJsonWhateverTheTextsHold) {
  EXPECT_EQ(ProblemJson({.status = 404, .code = "no_route", .detail = "a \"b\"\n\xC3\xA9"}),
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
            "\"detail\":\"a \\\"b\\\"\\u000a\xC3\xA9\",\"code\":\"no_route\"}\n");
  EXPECT_EQ(ProblemJson({.status = 400, .code = "x", .detail = "\xFF", .parameter = "p"}),
            "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
            "\"detail\":\"\\ufffd\",\"code\":\"x\",\"parameter\":\"p\"}\n");
}

TEST(Ascii, KnowsDigitsLettersAndNothingBeyondThem) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_ascii = byte < 128;
    EXPECT_EQ(IsDigit(c), is_ascii && std::isdigit(byte) != 0) << byte;
    EXPECT_EQ(IsLetter(c), is_ascii && std::isalpha(byte) != 0) << byte;
    EXPECT_EQ(IsHexDigit(c), is_ascii && std::isxdigit(byte) != 0) << byte;
  }
  EXPECT_EQ(HexValue('0') + HexValue('9') + HexValue('a') + HexValue('F'), 0 + 9 + 10 + 15);
  EXPECT_TRUE(ConsistsOf("a-Z_0", "_-"));
  EXPECT_FALSE(ConsistsOf("a.b", "_-"));
  EXPECT_TRUE(ConsistsOf("", ""));
}

TEST(TopicName, FollowsKafkasRule) {
  for (const std::string good : {"a", "A.b_c-9", "...", "..a"})
    EXPECT_TRUE(IsTopicName(good)) << good;
  for (const std::string bad : {"", ".", "..", "a b", "a/b", "\xC3\xA4"}) {
    EXPECT_FALSE(IsTopicName(bad)) << bad;
  }
  EXPECT_TRUE(IsTopicName(std::string(249, 'n')));
  EXPECT_FALSE(IsTopicName(std::string(250, 'n')));
}

}  // namespace
}  // namespace st
