#include "log/state.h"

#include <algorithm>
#include <climits>
#include <cstring>

#include "base/endian.h"
#include "log/limits.h"

namespace st::log {
namespace {

std::int32_t SequenceAfter(std::int32_t sequence, std::int32_t n) {
  // Sequences wrap from INT32_MAX to 0.
  return static_cast<std::int32_t>((std::int64_t{sequence} + n) & INT32_MAX);
}

// Reads integers and strings off the front of a checkpoint; `ok` turns false at its end.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
  template <std::integral T>
  T Take() {
    if (bytes_.size() < sizeof(T)) {
      ok_ = false;
      return T{};
    }
    const T value = LoadLittle<T>(bytes_);
    bytes_.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view TakeBytes(std::size_t n) {
    if (bytes_.size() < n) {
      ok_ = false;
      return {};
    }
    const auto taken = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return taken;
  }
  TopicId TakeTopicId() {
    std::array<std::uint8_t, 16> id{};
    const auto raw = TakeBytes(id.size());
    if (raw.size() == id.size()) std::memcpy(id.data(), raw.data(), id.size());
    return TopicId(id);
  }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

void AppendId(std::string& out, const TopicId& id) {
  out.append(reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size());
}

constexpr std::uint32_t kCheckpointVersion = 1;

}  // namespace

Status CheckTopicName(std::string_view name) {
  constexpr std::size_t kMaxName = 249;
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (name.empty() || name.size() > kMaxName || name == "." || name == ".." ||
      !std::ranges::all_of(name, legal)) {
    return Fail(ErrorCode::kInvalidArgument,
                "topic name \"{}\": 1 to {} of the characters a-z A-Z 0-9 . _ - are allowed, and "
                "not \".\" or \"..\"",
                name, kMaxName);
  }
  return {};
}

const LogState::Topic* LogState::Find(TopicId id) const {
  const auto found = topics_.find(id);
  return found == topics_.end() ? nullptr : &found->second;
}

const LogState::Topic* LogState::FindByName(std::string_view name) const {
  for (const auto& [id, topic] : topics_) {
    if (topic.info.name == name) return &topic;
  }
  return nullptr;
}

std::int64_t LogState::NextOffset(TopicPartition tp) const {
  const Topic* topic = Find(tp.topic);
  return topic == nullptr ? 0 : topic->next_offsets[static_cast<std::size_t>(tp.partition.value())];
}

Result<LogState::SequenceCheck> LogState::CheckSequence(TopicPartition tp,
                                                        const record::BatchHeader& batch) const {
  if (batch.producer_id < 0) return SequenceCheck{};
  if (batch.producer_id >= next_producer_id_) {
    return Fail(ErrorCode::kInvalidArgument, "unknown producer id {}: it was never given out",
                batch.producer_id);
  }
  const auto found = producers_.find({batch.producer_id, tp});
  if (found == producers_.end()) return SequenceCheck{};  // first sight, or forgotten: any sequence
  const ProducerState& state = found->second;
  if (batch.producer_epoch < state.epoch) {
    return Fail(ErrorCode::kInvalidArgument, "stale producer epoch {} of producer {}, now {}",
                batch.producer_epoch, batch.producer_id, state.epoch);
  }
  const bool new_epoch = batch.producer_epoch > state.epoch;
  const std::int32_t last = SequenceAfter(batch.base_sequence, batch.last_offset_delta);
  if (!new_epoch) {
    for (const auto& seen : state.batches) {
      if (seen.first_sequence != batch.base_sequence || seen.last_sequence != last) continue;
      return SequenceCheck{true, {Offset(seen.base_offset), seen.append_time_us, true}};
    }
  }
  const std::int32_t want = new_epoch ? 0 : SequenceAfter(state.batches.back().last_sequence, 1);
  if (batch.base_sequence != want) {
    return Fail(ErrorCode::kInvalidArgument, "out of order sequence {} of producer {}, want {}",
                batch.base_sequence, batch.producer_id, want);
  }
  return SequenceCheck{};
}

Status LogState::Apply(const EntryHeader& entry, std::string_view payload) {
  switch (entry.type) {
    case EntryType::kBatch:
      return ApplyBatch(entry, payload);
    case EntryType::kEpoch:
      return {};
    case EntryType::kProducerId:
      next_producer_id_ = std::max(next_producer_id_, entry.base_offset + 1);
      return {};
    case EntryType::kTopic: {
      if (entry.partition < 1 || entry.partition > kMaxPartitions || Find(entry.topic) != nullptr) {
        return Fail(ErrorCode::kCorruption, "topic entry with {} partitions", entry.partition);
      }
      Topic topic{{entry.topic, std::string(payload), entry.partition}, {}};
      topic.next_offsets.resize(static_cast<std::size_t>(entry.partition));
      topics_.emplace(entry.topic, std::move(topic));
      return {};
    }
    case EntryType::kCheckpoint: {
      ST_TRY(*this, DecodeCheckpoint(payload));
      return {};
    }
  }
  return Fail(ErrorCode::kCorruption, "unknown entry type");
}

Status LogState::ApplyBatch(const EntryHeader& entry, std::string_view payload) {
  const auto topic = topics_.find(entry.topic);
  if (topic == topics_.end() || entry.partition < 0 ||
      entry.partition >= topic->second.info.partitions) {
    return Fail(ErrorCode::kCorruption, "batch of unknown topic {} partition {}",
                entry.topic.ToString(), entry.partition);
  }
  auto& next = topic->second.next_offsets[static_cast<std::size_t>(entry.partition)];
  if (entry.base_offset != next || entry.records < 1) {
    return Fail(ErrorCode::kCorruption, "topic {} partition {}: base offset {}, want {}",
                topic->second.info.name, entry.partition, entry.base_offset, next);
  }
  ST_TRY(const auto batch, record::ParseHeader(payload));
  next = entry.base_offset + entry.records;
  if (batch.producer_id < 0) return {};
  const TopicPartition tp{entry.topic, PartitionId(entry.partition)};
  ProducerState& producer = producers_[{batch.producer_id, tp}];
  if (batch.producer_epoch != producer.epoch) producer.batches.clear();
  producer.epoch = batch.producer_epoch;
  producer.last_lsn = entry.lsn.value();
  producer.batches.push_back({batch.base_sequence,
                              SequenceAfter(batch.base_sequence, batch.last_offset_delta),
                              entry.base_offset, entry.append_time_us});
  if (producer.batches.size() > kProducerBatches) producer.batches.pop_front();
  if (producers_.size() > kMaxProducers) ForgetOldProducers();
  return {};
}

// Half at once, so that the cost is spread thin.
void LogState::ForgetOldProducers() {
  std::vector<std::uint64_t> ages;
  for (const auto& [key, state] : producers_) ages.push_back(state.last_lsn);
  const auto middle = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2);
  std::ranges::nth_element(ages, middle);
  std::erase_if(producers_, [&](const auto& item) { return item.second.last_lsn < *middle; });
}

std::string LogState::EncodeCheckpoint() const {
  std::string out;
  AppendLittle(out, kCheckpointVersion);
  AppendLittle(out, next_producer_id_);
  AppendLittle(out, static_cast<std::uint32_t>(topics_.size()));
  for (const auto& [id, topic] : topics_) {
    AppendId(out, id);
    AppendLittle(out, static_cast<std::uint32_t>(topic.info.name.size()));
    out += topic.info.name;
    AppendLittle(out, topic.info.partitions);
    for (const auto next : topic.next_offsets) AppendLittle(out, next);
  }
  AppendLittle(out, static_cast<std::uint32_t>(producers_.size()));
  for (const auto& [key, state] : producers_) {
    AppendLittle(out, key.first);
    AppendId(out, key.second.topic);
    AppendLittle(out, key.second.partition.value());
    AppendLittle(out, state.epoch);
    AppendLittle(out, state.last_lsn);
    AppendLittle(out, static_cast<std::uint32_t>(state.batches.size()));
    for (const auto& batch : state.batches) {
      AppendLittle(out, batch.first_sequence);
      AppendLittle(out, batch.last_sequence);
      AppendLittle(out, batch.base_offset);
      AppendLittle(out, batch.append_time_us);
    }
  }
  return out;
}

Result<LogState> LogState::DecodeCheckpoint(std::string_view bytes) {
  Cursor in(bytes);
  LogState state;
  if (const auto version = in.Take<std::uint32_t>(); version != kCheckpointVersion) {
    return Fail(ErrorCode::kCorruption, "checkpoint version {}, want {}", version,
                kCheckpointVersion);
  }
  state.next_producer_id_ = in.Take<std::int64_t>();
  for (auto n = in.Take<std::uint32_t>(); in.ok() && n > 0; --n) {
    Topic topic;
    topic.info.id = in.TakeTopicId();
    topic.info.name = in.TakeBytes(in.Take<std::uint32_t>());
    topic.info.partitions = in.Take<std::int32_t>();
    if (topic.info.partitions < 1 || topic.info.partitions > kMaxPartitions) break;
    for (std::int32_t p = 0; p < topic.info.partitions; ++p) {
      topic.next_offsets.push_back(in.Take<std::int64_t>());
    }
    const TopicId id = topic.info.id;
    state.topics_.emplace(id, std::move(topic));
  }
  for (auto n = in.Take<std::uint32_t>(); in.ok() && n > 0; --n) {
    const auto producer = in.Take<std::int64_t>();
    const TopicId topic = in.TakeTopicId();
    const TopicPartition tp{topic, PartitionId(in.Take<std::int32_t>())};
    ProducerState& entry = state.producers_[{producer, tp}];
    entry.epoch = in.Take<std::int16_t>();
    entry.last_lsn = in.Take<std::uint64_t>();
    for (auto m = in.Take<std::uint32_t>(); in.ok() && m > 0; --m) {
      ProducerState::Batch batch;
      batch.first_sequence = in.Take<std::int32_t>();
      batch.last_sequence = in.Take<std::int32_t>();
      batch.base_offset = in.Take<std::int64_t>();
      batch.append_time_us = in.Take<std::int64_t>();
      entry.batches.push_back(batch);
    }
    if (entry.batches.empty()) return Fail(ErrorCode::kCorruption, "producer without batches");
  }
  if (!in.ok() || !in.at_end()) {
    return Fail(ErrorCode::kCorruption, "checkpoint of {} bytes does not decode", bytes.size());
  }
  return state;
}

}  // namespace st::log
