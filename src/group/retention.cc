#include "group/retention.h"

#include <algorithm>

namespace st::group {

std::vector<TopicPartition> ExpiredOffsets(const Group& group, std::int64_t retention_ms,
                                           std::int64_t now_ms, const log::LogContents& log) {
  const bool is_managed = !group.consumers && !group.protocol_type.empty();
  const bool is_empty = group.state() == State::kEmpty;
  std::vector<TopicPartition> expired;
  for (const auto& [tp, offset] : group.offsets) {
    const auto& committed = offset.committed;
    const auto topic = log.FindTopic(tp.topic);
    if (!topic) {  // it was deleted, and with it the offset in the log
      expired.push_back(tp);
      continue;
    }
    if (committed.expire_time_ms >= 0) {
      if (now_ms >= committed.expire_time_ms) expired.push_back(tp);
      continue;
    }
    auto since_ms = committed.commit_time_ms;
    if (is_managed && is_empty) {
      since_ms = std::max(since_ms, group.since_ms());
    } else if (group.consumers) {
      if (group.IsSubscribedTo(topic->name)) continue;
    } else if (is_managed) {
      const bool is_read = group.state() != State::kStable ||
                           group.protocol_type != kConsumerType ||
                           group.IsSubscribedTo(topic->name);
      if (is_read) continue;
    }
    if (now_ms - since_ms >= retention_ms) expired.push_back(tp);
  }
  return expired;
}

}  // namespace st::group
