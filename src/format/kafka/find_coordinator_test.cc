#include "format/kafka/find_coordinator.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto find = DecodeFindCoordinator(request);
  if (!find) return std::nullopt;
  return fmt::format("key={} transactions={:d}", find->key, find->is_of_transactions);
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

TEST(FindCoordinator, FromVersionOneOnARequestNamesTransactions) {
  const std::string body("\0\2tx\1", 5);
  const auto of = [&](std::int16_t version) {
    return Meaning({.key = 10, .version = version, .body = body});
  };
  EXPECT_EQ(of(0), "key=tx transactions=0");
  EXPECT_EQ(of(1), "key=tx transactions=1");
}

TEST(FindCoordinator, ARefusalHasItsTextFromVersionOneOn) {
  const auto encode = [](std::int16_t version) {
    return HexEncode(EncodeFindCoordinator({.key = 10, .version = version, .correlation_id = 7},
                                           ErrorCode::kGroupAuthorizationFailed, "no"));
  };
  EXPECT_EQ(encode(0), testing::Packed("00000007 001e ffffffff 0000 ffffffff"));
  EXPECT_EQ(encode(1), testing::Packed("00000007 00000000 001e 00026e6f ffffffff 0000 ffffffff"));
}

}  // namespace
}  // namespace st::kafka
