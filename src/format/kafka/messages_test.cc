#include "format/kafka/messages.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace st::kafka {
namespace {

// Bytes of kcat 1.7.1 (librdkafka 2.0.2): ApiVersions v3, its first request on a connection.
constexpr std::string_view kKcatApiVersions =
    "0012000300000001000772646b61666b61000b6c696272646b61666b6106322e302e3200";

TEST(RequestHeader, IsReadFromKcatsFirstRequest) {
  const std::string frame = HexDecode(kKcatApiVersions).value();
  const auto header = DecodeHeader(frame);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->key, 18);
  EXPECT_EQ(header->version, 3);
  EXPECT_EQ(header->client_id, "rdkafka");
  for (std::size_t n = 0; n < 17; ++n) EXPECT_FALSE(DecodeHeader(frame.substr(0, n))) << n;
}

TEST(ApiVersions, AnUnknownVersionIsAnsweredInVersionZeroWithAllKeys) {
  RequestHeader request{.key = 18, .version = 9, .correlation_id = 5};
  const std::string body = EncodeApiVersions(request, true);
  // correlation id, error 35, 8 keys of 6 bytes each; nothing behind them
  EXPECT_EQ(HexEncode(body).substr(0, 20), "00000005002300000008");
  EXPECT_EQ(body.size(), 4 + 2 + 4 + ApiRanges().size() * 6);
}

TEST(Metadata, NullMeansAllAndEmptyMeansNoneFromVersionOne) {
  RequestHeader request{.key = 3, .version = 1, .body = std::string_view("\xFF\xFF\xFF\xFF", 4)};
  EXPECT_TRUE(DecodeMetadata(request)->all_topics);
  request.body = std::string_view("\0\0\0\0", 4);
  EXPECT_FALSE(DecodeMetadata(request)->all_topics);
  request.version = 0;
  EXPECT_TRUE(DecodeMetadata(request)->all_topics);
}

TEST(Requests, AnArrayLengthThatCannotFitIsRefused) {
  RequestHeader request{.key = 3, .version = 1, .body = std::string_view("\x7F\xFF\xFF\xFF", 4)};
  EXPECT_FALSE(DecodeMetadata(request).has_value());
}

TEST(ApiRanges, KeepTheOldMinimumsThatLibrdkafkaGatesCompressionBy) {
  EXPECT_EQ(FindApi(0)->min, 0);
  EXPECT_GE(FindApi(0)->max, 7);
  EXPECT_GE(FindApi(1)->max, 10);
  EXPECT_EQ(FindApi(10)->min, 0);
  EXPECT_EQ(FindApi(99), nullptr);
}

}  // namespace
}  // namespace st::kafka
