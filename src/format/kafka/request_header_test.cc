#include "format/kafka/request_header.h"

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

TEST(RequestHeader, AProduceRequestIsToldFromOthersByItsKey) {
  EXPECT_FALSE(IsProduce(HexDecode(kKcatApiVersions).value()));
  EXPECT_TRUE(IsProduce(std::string_view("\0\0\0\3", 4)));
  EXPECT_FALSE(IsProduce(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace st::kafka
