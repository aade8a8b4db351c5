#include "format/kafka/consumer_protocol.h"

#include "format/kafka/limits.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<AssignedTopic>> DecodeAssignment(std::string_view bytes) {
  Reader in(bytes);
  if (in.Int<std::int16_t>() < 0) in.Break();  // the version
  std::vector<AssignedTopic> topics;
  const auto count = in.ArrayLength(kMaxAssignedPartitions);
  if (count < 0) in.Break();
  std::int32_t room = kMaxAssignedPartitions;
  for (auto n = count; in.ok() && n > 0; --n) {
    const auto name = in.NullableString();
    if (!name || name->size() > kMaxTopicNameBytes) in.Break();
    AssignedTopic topic{.name = name.value_or(""), .partitions = {}};
    const auto partitions = in.ArrayLength(room);
    if (partitions < 0) in.Break();
    for (auto p = partitions; in.ok() && p > 0; --p) {
      topic.partitions.push_back(in.Int<std::int32_t>());
      if (topic.partitions.back() < 0) in.Break();
      --room;
    }
    topics.push_back(std::move(topic));
  }
  in.NullableBytes();  // of the assignor alone
  if (!in.ok()) return std::nullopt;
  return topics;
}

}  // namespace st::kafka
