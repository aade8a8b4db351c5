#include "format/kafka/find_coordinator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto find = DecodeFindCoordinator(request);
  if (!find) return std::nullopt;
  return fmt::format("key={} transactions={:d}", fmt::join(find->keys, ","),
                     find->type == FindCoordinatorRequest::kTransactions);
}

TEST(FindCoordinator, OffersVersionZeroByWhichLibrdkafkaDecidesWhetherToUseLz4) {
  EXPECT_EQ(kFindCoordinatorApi.min, 0);
}

TEST(FindCoordinator, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kFindCoordinatorApi, Meaning);
}

TEST(FindCoordinator, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kFindCoordinatorApi.key, Meaning);
}

TEST(FindCoordinator, FromVersionOneOnARequestNamesTransactionsAndFromFourSeveralKeys) {
  const auto of = [&](std::int16_t version, const std::string& body) {
    return Meaning({.key = 10, .version = version, .body = body});
  };
  const std::string body("\0\2tx\1", 5);
  EXPECT_EQ(of(0, body), "key=tx transactions=0");
  EXPECT_EQ(of(1, body), "key=tx transactions=1");
  EXPECT_EQ(of(3, std::string("\0\3tx\1\0", 6)), "key=tx transactions=1");
  EXPECT_EQ(of(4, std::string("\0\0\3\2a\3bc\0", 9)), "key=a,bc transactions=0");
}

TEST(FindCoordinator, AnAnswerNamesTheNodeAndHasItsTextFromVersionOneOn) {
  const auto encode = [](std::int16_t version, const FoundCoordinator& found) {
    return HexEncode(
        EncodeFindCoordinator({.key = 10, .version = version, .correlation_id = 7}, {found}));
  };
  const FoundCoordinator refused{
      .key = "k", .error = ErrorCode::kTransactionalIdAuthorizationFailed, .message = "no"};
  EXPECT_EQ(encode(0, refused), testing::Packed("00000007 0035 ffffffff 0000 ffffffff"));
  EXPECT_EQ(encode(1, refused),
            testing::Packed("00000007 00000000 0035 00026e6f ffffffff 0000 ffffffff"));
  const FoundCoordinator found{.key = "k", .node = 1, .host = "h", .port = 9092};
  EXPECT_EQ(encode(0, found), testing::Packed("00000007 0000 00000001 000168 00002384"));
  EXPECT_EQ(encode(3, found),
            testing::Packed("00000007 00 00000000 0000 00 00000001 0268 00002384 00"));
  EXPECT_EQ(encode(4, found), testing::Packed("00000007 00 00000000 02 026b 00000001 0268 00002384 "
                                              "0000 00 00 00"));
}

}  // namespace
}  // namespace st::kafka
