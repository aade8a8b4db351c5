#include "app/status.h"

namespace st::app {

nlohmann::json TopicsStatus(const log::Log& log) {
  auto topics = nlohmann::json::array();
  for (const auto& topic : log.Topics()) {
    auto partitions = nlohmann::json::array();
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      const TopicPartition tp{topic.id, PartitionId(p)};
      partitions.push_back({{"partition", p},
                            {"start_offset", log.StartOffset(tp).value()},
                            {"end_offset", log.EndOffset(tp).value()}});
    }
    topics.push_back({{"name", topic.name}, {"partitions", std::move(partitions)}});
  }
  return topics;
}

}  // namespace st::app
