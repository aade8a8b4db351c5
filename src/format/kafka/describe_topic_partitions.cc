#include "format/kafka/describe_topic_partitions.h"

#include <array>
#include <ranges>
#include <unordered_set>

#include "format/kafka/leader_epoch.h"
#include "format/kafka/limits.h"
#include "format/kafka/metadata.h"
#include "format/kafka/operations.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

// What stands in front of a structure that may be null.
constexpr std::int8_t kIsThere = 1;
constexpr std::int8_t kIsNull = -1;

}  // namespace

std::optional<DescribeTopicPartitionsRequest> DecodeDescribeTopicPartitions(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeTopicPartitionsApi);
  DescribeTopicPartitionsRequest wanted;
  std::unordered_set<std::string_view> seen;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    const auto name = in.String();
    in.Tags();
    if (seen.insert(name).second) wanted.topics.push_back(name);
    if (seen.size() > kMaxRequestTopics) in.Break();
  }
  wanted.most_partitions = in.Int<std::int32_t>();
  if (in.Int<std::int8_t>() >= 0) {
    const auto topic = in.String();
    wanted.cursor = {.topic = topic, .partition = in.Int<std::int32_t>()};
    in.Tags();
  }
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return wanted;
}

std::size_t DescribedTopicsBytes(const DescribedTopics& answer) {
  constexpr std::size_t kHeadBytes = 64;
  constexpr std::size_t kTopicBytes = 40;
  constexpr std::size_t kPartitionBytes = 28;
  std::size_t bytes = kHeadBytes + (answer.next ? answer.next->topic.size() : 0);
  for (const auto& topic : answer.topics) {
    bytes += kTopicBytes + topic.name.size();
    bytes += kPartitionBytes * static_cast<std::size_t>(topic.count);
  }
  return bytes;
}

std::string EncodeDescribeTopicPartitions(const RequestHeader& request,
                                          const DescribedTopics& answer) {
  // Of a partition's replicas, and of those in sync: this node.
  constexpr std::array kThisNode = {kNodeId};
  constexpr std::array<std::int32_t, 0> kNone{};
  Writer out = AnswerTo(request, kDescribeTopicPartitionsApi, DescribedTopicsBytes(answer));
  out.Int(std::int32_t{0}).ArrayLength(answer.topics);  // throttle
  for (const auto& topic : answer.topics) {
    out.Int(Code(topic.error)).NullableString(topic.name).Id(topic.id);
    out.Bool(false);  // internal
    const auto partitions = std::views::iota(topic.first, topic.first + topic.count);
    out.ArrayLength(partitions);
    for (const auto p : partitions) {
      out.Int(std::int16_t{0}).Int(p).Int(kNodeId).Int(kLeaderEpoch);
      out.ArrayLength(kThisNode).Int(kNodeId).ArrayLength(kThisNode).Int(kNodeId);
      out.ArrayLength(kNone).ArrayLength(kNone);  // replicas that may lead without being in sync
      out.ArrayLength(kNone).Tags();              // offline
    }
    out.Int(answer.is_refused ? kOperationsNotAsked : kAllTopicOperations).Tags();
  }
  if (!answer.next) return out.Int(kIsNull).Tags().Take();
  out.Int(kIsThere).String(answer.next->topic).Int(answer.next->partition).Tags();
  return out.Tags().Take();
}

}  // namespace st::kafka
