#include "format/kafka/heartbeat.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto heartbeat = DecodeHeartbeat(request);
  if (!heartbeat) return std::nullopt;
  return fmt::format("{} {} {} {}", heartbeat->group, heartbeat->generation, heartbeat->member,
                     heartbeat->instance.value_or("-"));
}

TEST(Heartbeat, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kHeartbeatApi, Meaning);
}

TEST(Heartbeat, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kHeartbeatApi.key, Meaning);
}

TEST(Heartbeat, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kHeartbeatApi, [](const RequestHeader& request) {
    return EncodeHeartbeat(request, ErrorCode::kRebalanceInProgress);
  });
}

}  // namespace
}  // namespace st::kafka
