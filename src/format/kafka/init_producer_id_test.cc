#include "format/kafka/init_producer_id.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto init = DecodeInitProducerId(request);
  if (!init) return std::nullopt;
  return fmt::format("tx={}", init->transactional_id.value_or("-"));
}

TEST(InitProducerId, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kInitProducerIdApi, Meaning);
}

TEST(InitProducerId, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kInitProducerIdApi.key, Meaning);
}

TEST(InitProducerId, AnAnswerHasTheIdWithItsFirstEpochOrAnError) {
  const RequestHeader request{.key = 22, .version = 1, .correlation_id = 7};
  EXPECT_EQ(HexEncode(EncodeInitProducerId(request, ErrorCode::kNone, 9)),
            testing::Packed("00000007 00000000 0000 0000000000000009 0000"));
  EXPECT_EQ(
      HexEncode(EncodeInitProducerId(request, ErrorCode::kTransactionalIdAuthorizationFailed, -1)),
      testing::Packed("00000007 00000000 0035 ffffffffffffffff ffff"));
}

}  // namespace
}  // namespace st::kafka
