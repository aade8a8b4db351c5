#include "log/durable_view.h"

#include <algorithm>
#include <utility>

#include "log/reader/entry.h"

namespace st::log {

void DurableView::ShowRecovered(const LogState& state) {
  topics_.With([&](TopicTable& table) {
    for (const auto& [id, topic] : state.topics().all()) {
      table.by_name[topic.info.name] = topic.info;
      table.by_id[id] = topic.info;
    }
  });
  ranges_.With([&](auto& ranges) {
    for (const auto& [id, topic] : state.topics().all()) {
      for (std::int32_t p = 0; p < topic.info.partitions; ++p) {
        const OffsetRange& range = topic.ranges[static_cast<std::size_t>(p)];
        if (range.end > 0) ranges[{id, PartitionId(p)}] = range;
      }
    }
  });
  ShowHolds(state);
  recovered_groups_.With([&](auto& groups) { groups = state.groups().all(); });
}

void DurableView::ShowTopics(const std::vector<TopicInfo>& topics) {
  topics_.With([&](TopicTable& table) {
    for (const auto& topic : topics) {
      table.by_name[topic.name] = topic;
      table.by_id[topic.id] = topic;
    }
  });
}

void DurableView::HideTopics(const std::set<TopicId>& topics) {
  topics_.With([&](TopicTable& table) {
    const auto is_hidden = [&](const auto& item) { return topics.contains(item.second.id); };
    std::erase_if(table.by_name, is_hidden);
    std::erase_if(table.by_id, is_hidden);
  });
  ranges_.With([&](auto& ranges) {
    std::erase_if(ranges, [&](const auto& item) { return topics.contains(item.first.topic); });
  });
  index_.KeepTopics([&](TopicId topic) { return !topics.contains(topic); });
}

void DurableView::ShowRanges(const std::set<TopicPartition>& partitions, const LogState& state) {
  ranges_.With([&](auto& ranges) {
    for (const auto& tp : partitions) {
      if (const auto* range = state.topics().Range(tp)) ranges[tp] = *range;
    }
  });
}

void DurableView::ShowStarts(const std::set<TopicPartition>& partitions, const LogState& state) {
  // First, so that a reader that finds a batch missing finds the new start.
  ShowRanges(partitions, state);
  for (const auto& tp : partitions) {
    if (const auto* range = state.topics().Range(tp)) index_.DropBelow(tp, range->start);
  }
}

void DurableView::ShowHolds(const LogState& state) {
  holds_.With([&](auto& shown) { shown = state.holds().All(); });
  gaps_.With([&](auto& shown) { shown = state.gaps().All(); });
}

void DurableView::ShowLost(std::vector<LostRecords> lost) {
  lost_.With([&](auto& shown) { shown = std::move(lost); });
}

void DurableView::ShowEnd(const End& end) {
  end_.With([&](End& shown) { shown = end; });
}

void DurableView::NoteDurable(const EndMark& end) {
  durable_end_.With([&](EndMark& noted) { noted = end; });
}

std::vector<TopicInfo> DurableView::Topics() const {
  return topics_.With([](const TopicTable& table) {
    std::vector<TopicInfo> topics;
    for (const auto& [name, topic] : table.by_name) topics.push_back(topic);
    return topics;
  });
}

std::size_t DurableView::TopicCount() const {
  return topics_.With([](const TopicTable& table) { return table.by_name.size(); });
}

std::optional<TopicInfo> DurableView::FindTopic(const std::string& name) const {
  return topics_.With([&](const TopicTable& table) -> std::optional<TopicInfo> {
    const auto found = table.by_name.find(name);
    if (found == table.by_name.end()) return std::nullopt;
    return found->second;
  });
}

std::optional<TopicInfo> DurableView::FindTopic(TopicId id) const {
  return topics_.With([&](const TopicTable& table) -> std::optional<TopicInfo> {
    const auto found = table.by_id.find(id);
    if (found == table.by_id.end()) return std::nullopt;
    return found->second;
  });
}

Status DurableView::CheckPartition(TopicPartition tp) const {
  const auto topic = FindTopic(tp.topic);
  if (!topic) return Fail(ErrorCode::kNotFound, "no topic {}", tp.topic.ToString());
  if (tp.partition.value() < 0 || tp.partition.value() >= topic->partitions) {
    return Fail(ErrorCode::kNotFound, "topic {} has partitions 0 to {}, not {}", topic->name,
                topic->partitions - 1, tp.partition);
  }
  return {};
}

OffsetRange DurableView::RangeOf(TopicPartition tp) const {
  return ranges_.With([&](const auto& ranges) {
    const auto found = ranges.find(tp);
    return found == ranges.end() ? OffsetRange{} : found->second;
  });
}

std::vector<Hold> DurableView::Holds() const {
  return holds_.With([](const auto& holds) { return holds; });
}

std::vector<Gap> DurableView::Gaps() const {
  return gaps_.With([](const auto& gaps) { return gaps; });
}

std::vector<LostRecords> DurableView::Lost() const {
  auto lost = lost_.With([](const auto& shown) { return shown; });
  std::erase_if(lost, [&](const LostRecords& one) {
    const auto range = RangeOf(one.tp);
    return one.to <= range.start || one.from >= range.end;  // the latter: of a deleted topic
  });
  return lost;
}

bool DurableView::HasLost(std::uint64_t segment) const {
  const auto lost = Lost();
  return std::ranges::any_of(lost, [&](const auto& one) { return one.segment == segment; });
}

StoredGroups DurableView::TakeGroups() {
  return recovered_groups_.With([](auto& groups) { return std::exchange(groups, {}); });
}

DurableView::End DurableView::end() const {
  return end_.With([](const End& end) { return end; });
}

EndMark DurableView::durable_end() const {
  return durable_end_.With([](const EndMark& end) { return end; });
}

bool DurableView::IsOwn(std::uint8_t flags, Lsn lsn) const {
  return (flags & kFromServer) != 0 || lsn.value() < marked_since_.load();
}

}  // namespace st::log
