#include "format/kafka/find_coordinator.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader&) { return "-"; }  // its body is not read

TEST(FindCoordinator, OffersVersionZeroByWhichLibrdkafkaDecidesWhetherToUseLz4) {
  EXPECT_EQ(kFindCoordinatorApi.min, 0);
}

TEST(FindCoordinator, GoldenRequestsHaveAHeaderThatIsRead) {
  testing::ExpectMeanings(kFindCoordinatorApi, Meaning);
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
