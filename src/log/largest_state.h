// The log's state with every limit at its maximum, for tests and benchmarks.
#pragma once

#include <string>

#include "base/check.h"
#include "base/topic_name.h"
#include "log/limits.h"
#include "log/state.h"

namespace st::log {

inline TopicId TopicIdOf(std::uint32_t n) {
  std::array<std::uint8_t, 16> id{};
  for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(n >> (8 * i));
  return TopicId(id);
}

// As long as a name may be.
inline std::string LongTopicName(std::uint32_t n) {
  std::string name = fmt::format("{:06}", n);
  name.resize(kMaxTopicNameBytes, 'n');
  return name;
}

struct TopicShape {
  std::uint32_t number = 0;
  std::int32_t partitions = 1;
};
inline void AddTopic(LogState& state, const TopicShape& shape) {
  const EntryHeader entry{
      .type = EntryType::kTopic, .topic = TopicIdOf(shape.number), .partition = shape.partitions};
  ST_CHECK(state.Apply(entry, LongTopicName(shape.number)).has_value());
}

inline void AddHolds(LogState& state) {
  for (std::size_t n = 0; n < kMaxHolds; ++n) {
    Hold hold{.name = LongTopicName(static_cast<std::uint32_t>(n)), .from = {}};
    const std::size_t partitions = n == 0 ? kMaxHeldPartitions - kMaxHolds + 1 : 1;
    for (std::size_t p = 0; p < partitions; ++p) {
      hold.from[{TopicIdOf(0), PartitionId(static_cast<std::int32_t>(p))}] = Offset(1);
    }
    ST_CHECK(state.Apply({.type = EntryType::kHold}, EncodeHold(hold)).has_value());
  }
}

inline void AddGroups(LogState& state) {
  const std::string text(3'000, 't');
  for (std::uint32_t n = 0;; ++n) {
    const GroupChange change{.group = LongTopicName(n),
                             .state = text,
                             .committed = {{{TopicIdOf(0), {}}, {}}},
                             .removed = {}};
    const auto bytes = StoredStateBytes(change.group.size(), text.size()) + StoredOffsetBytes(0);
    if (!state.groups().CheckRoom(bytes)) return;
    ST_CHECK(state.Apply({.type = EntryType::kGroup}, EncodeGroupChange(change)).has_value());
  }
}

inline void AddSettings(LogState& state) {
  const TopicSettings settings = {{"a", std::string(kMaxTopicSettingsBytes - 100, 'x')}};
  for (std::uint32_t n = 0;; ++n) {
    const auto& topic = state.topics().Find(TopicIdOf(n))->info;
    if (!state.topics().CheckSettings(topic, settings)) return;
    const EntryHeader entry{
        .type = EntryType::kTopicState, .topic = topic.id, .partition = topic.partitions};
    ST_CHECK(state.Apply(entry, EncodeTopicState(topic.name, settings)).has_value());
  }
}

inline LogState LargestState() {
  LogState state;
  constexpr auto kWide = static_cast<std::uint32_t>(
      (kMaxTotalPartitions - static_cast<std::int64_t>(kMaxTopics)) / (kMaxPartitions - 1));
  for (std::uint32_t n = 0; n < kMaxTopics; ++n) {
    AddTopic(state, {.number = n, .partitions = n < kWide ? kMaxPartitions : 1});
  }
  record::BatchHeader batch;
  batch.producer_epoch = 0;
  batch.record_count = 1;
  for (std::size_t i = 0; i < kMaxProducerPairs; ++i) {
    const TopicPartition tp{TopicIdOf(static_cast<std::uint32_t>(i % kMaxTopics)), PartitionId(0)};
    batch.producer_id = static_cast<std::int64_t>(i);
    for (std::size_t n = 0; n < kProducerBatches; ++n) {
      batch.base_sequence = static_cast<std::int32_t>(n);
      state.producers().Remember(tp, batch, {.base_offset = 1, .append_time_us = 1});
    }
  }
  AddSettings(state);
  AddHolds(state);
  AddGroups(state);
  return state;
}

}  // namespace st::log
