#include "format/kafka/consumer_group_heartbeat.h"

#include <algorithm>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

// What follows tells whether a nullable structure is there.
constexpr std::int8_t kIsNull = -1;
constexpr std::int8_t kIsThere = 1;

std::optional<std::vector<TopicIdPartitions>> ReadOwned(Reader& in) {
  std::int32_t left = kMaxAssignedPartitions;
  const auto topics = in.ArrayLength(left);
  if (topics < 0) return std::nullopt;
  std::vector<TopicIdPartitions> owned;
  for (auto n = topics; in.ok() && n > 0; --n) {
    TopicIdPartitions topic{.topic = TopicId(in.Id()), .partitions = {}};
    const auto partitions = in.ArrayLength(left);
    left -= std::max(partitions, 0);
    for (auto m = partitions; in.ok() && m > 0; --m) {
      topic.partitions.push_back(in.Int<std::int32_t>());
    }
    in.Tags();
    owned.push_back(std::move(topic));
  }
  return owned;
}

}  // namespace

std::optional<ConsumerGroupHeartbeatRequest> DecodeConsumerGroupHeartbeat(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kConsumerGroupHeartbeatApi);
  ConsumerGroupHeartbeatRequest heartbeat;
  heartbeat.group = in.String();
  heartbeat.member = in.String();
  heartbeat.epoch = in.Int<std::int32_t>();
  heartbeat.instance = in.NullableString();
  heartbeat.rack = in.NullableString();
  heartbeat.rebalance_timeout_ms = in.Int<std::int32_t>();
  const auto topics = in.ArrayLength(static_cast<std::int32_t>(kMaxRequestTopics));
  if (topics >= 0) heartbeat.topics.emplace();
  for (auto n = topics; in.ok() && n > 0; --n) heartbeat.topics->push_back(in.String());
  if (request.version >= 1) heartbeat.pattern = in.NullableString();
  heartbeat.assignor = in.NullableString();
  heartbeat.owned = ReadOwned(in);
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return heartbeat;
}

std::string EncodeConsumerGroupHeartbeat(const RequestHeader& request,
                                         const ConsumerGroupHeartbeatAnswer& answer) {
  Writer out = AnswerTo(request, kConsumerGroupHeartbeatApi);
  out.Int(std::int32_t{0});  // throttle
  out.Int(Code(answer.error)).NullableString(OrNull(answer.message)).NullableString(answer.member);
  out.Int(answer.epoch).Int(answer.heartbeat_interval_ms);
  out.Int(answer.assignment ? kIsThere : kIsNull);
  if (answer.assignment) {
    out.ArrayLength(*answer.assignment);
    for (const auto& topic : *answer.assignment) {
      out.Id(topic.topic).ArrayLength(topic.partitions);
      for (const auto partition : topic.partitions) out.Int(partition);
      out.Tags();
    }
    out.Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
