#include "log/partition_choice.h"

#include "base/key_partition.h"

namespace st::log {

TopicPartition PartitionOfSequence(const TopicInfo& topic) {
  return {.topic = topic.id, .partition = PartitionId(0)};
}

TopicPartition PartitionOfEvent(const TopicInfo& topic, std::optional<std::string_view> key) {
  if (!key) return PartitionOfSequence(topic);
  return {.topic = topic.id, .partition = PartitionOfKey(*key, topic.partitions)};
}

std::vector<TopicPartition> PartitionsOf(const TopicInfo& topic) {
  std::vector<TopicPartition> all;
  for (std::int32_t p = 0; p < topic.partitions; ++p) {
    all.push_back({.topic = topic.id, .partition = PartitionId(p)});
  }
  return all;
}

}  // namespace st::log
