#include "format/kafka/consumer_group_heartbeat.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto heartbeat = DecodeConsumerGroupHeartbeat(request);
  if (!heartbeat) return std::nullopt;
  std::vector<std::string> owned;
  for (const auto& topic : heartbeat->owned.value_or(std::vector<TopicIdPartitions>())) {
    owned.push_back(fmt::format("{}/{}", topic.topic.ToString(), fmt::join(topic.partitions, ",")));
  }
  return fmt::format(
      "{} {} {} {} {} {} {} {} {} {}", heartbeat->group, heartbeat->member, heartbeat->epoch,
      heartbeat->instance.value_or("-"), heartbeat->rack.value_or("-"),
      heartbeat->rebalance_timeout_ms,
      heartbeat->topics ? fmt::format("{}", fmt::join(*heartbeat->topics, ",")) : "-",
      heartbeat->pattern.value_or("-"), heartbeat->assignor.value_or("-"),
      heartbeat->owned ? fmt::format("{}", fmt::join(owned, " ")) : "-");
}

TEST(ConsumerGroupHeartbeat, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kConsumerGroupHeartbeatApi, Meaning);
}

TEST(ConsumerGroupHeartbeat, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kConsumerGroupHeartbeatApi.key, Meaning);
}

TEST(ConsumerGroupHeartbeat, AnswersAreThoseOfAnotherEncoder) {
  std::array<std::uint8_t, 16> five{};
  five.back() = 5;
  testing::ExpectAnswers(kConsumerGroupHeartbeatApi, [&](const RequestHeader& request) {
    return EncodeConsumerGroupHeartbeat(
        request, {.message = {},
                  .member = "m",
                  .epoch = 3,
                  .heartbeat_interval_ms = 5,
                  .assignment = {{{.topic = TopicId(Uuid(five)), .partitions = {1, 2}}}}});
  });
}

TEST(ConsumerGroupHeartbeat, ARefusalHasNoMemberAndNoAssignment) {
  EXPECT_EQ(HexEncode(EncodeConsumerGroupHeartbeat(
                {.key = 68, .version = 1, .correlation_id = 7},
                {.error = ErrorCode::kFencedMemberEpoch, .message = "no", .member = {}})),
            testing::Packed("00000007 00 00000000 006e 03 6e6f 00 00000000 00000000 ff 00"));
}

}  // namespace
}  // namespace st::kafka
