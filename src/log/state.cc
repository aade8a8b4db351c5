#include "log/state.h"

#include <algorithm>
#include <utility>

#include "base/endian.h"
#include "log/limits.h"

namespace st::log {
namespace {

// 2: batches carry their CRC, and from where on the server's are marked. 1 is read as well.
constexpr std::uint32_t kCheckpointVersion = 2;
constexpr std::size_t kMaxTopicBytes = 16 + 4 + 249 + 4;  // without its partitions

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
  const auto found = ids_.find(name);
  return found == ids_.end() ? nullptr : Find(found->second);
}

void LogState::Add(Topic topic) {
  const TopicId id = topic.info.id;
  ids_[topic.info.name] = id;
  partitions_ += topic.info.partitions;
  topics_.emplace(id, std::move(topic));
}

Status LogState::CheckNewTopic(std::string_view name, std::int32_t partitions,
                               const Origin& origin) const {
  if (FindByName(name) != nullptr) {
    return Fail(ErrorCode::kAlreadyExists, "topic \"{}\" already exists", name);
  }
  const std::size_t most_topics = origin.is_server ? kMaxTopics : kMaxTopics - kOwnTopics;
  if (topics_.size() >= most_topics) {
    return Fail(ErrorCode::kUnsupported, "topic \"{}\": there are {} topics, {} are allowed", name,
                topics_.size(), most_topics);
  }
  // The sum in a log of an earlier version may be above the limit: what the server makes for itself
  // has one partition, and is bounded by the number of topics.
  if (origin.is_server && partitions == 1) return {};
  const std::int64_t most =
      origin.is_server ? kMaxTotalPartitions : kMaxTotalPartitions - kOwnPartitions;
  if (partitions_ + partitions > most) {
    return Fail(ErrorCode::kUnsupported,
                "topic \"{}\": {} partitions more than the {} that all topics have; {} are allowed",
                name, partitions, partitions_, most);
  }
  return {};
}

std::int64_t LogState::NextOffset(TopicPartition tp) const {
  const Topic* topic = Find(tp.topic);
  return topic == nullptr ? 0 : topic->next_offsets[static_cast<std::size_t>(tp.partition.value())];
}

Status LogState::Apply(const EntryHeader& entry, std::string_view payload) {
  if (checkpoint_parts_ > 0 && entry.type != EntryType::kCheckpoint) {
    return Fail(ErrorCode::kCorruption, "the checkpoint ends after {} of its parts",
                checkpoint_parts_);
  }
  switch (entry.type) {
    case EntryType::kBatch:
      return ApplyBatch(entry, payload);
    case EntryType::kEpoch:
    case EntryType::kProducerId:  // of earlier versions, which counted ids
      return {};
    case EntryType::kTopic:
      return ApplyTopic(entry, payload);
    case EntryType::kCheckpoint:
      return ApplyCheckpointPart(entry, payload);
  }
  return Fail(ErrorCode::kCorruption, "unknown entry type");
}

Status LogState::ApplyTopic(const EntryHeader& entry, std::string_view payload) {
  if (entry.partition < 1 || entry.partition > kMaxPartitions || Find(entry.topic) != nullptr) {
    return Fail(ErrorCode::kCorruption, "topic entry with {} partitions", entry.partition);
  }
  Topic topic{{entry.topic, std::string(payload), entry.partition}, {}};
  topic.next_offsets.resize(static_cast<std::size_t>(entry.partition));
  Add(std::move(topic));
  return {};
}

Status LogState::ApplyCheckpointPart(const EntryHeader& entry, std::string_view payload) {
  const std::int32_t parts = std::max(entry.records, 1);
  if (entry.partition != checkpoint_parts_ || parts > kMaxCheckpointParts) {
    return Fail(ErrorCode::kCorruption, "checkpoint part {} of {}, want part {}", entry.partition,
                parts, checkpoint_parts_);
  }
  if (parts == 1) {
    ST_TRY(*this, DecodeCheckpoint(payload));
    return {};
  }
  checkpoint_ += payload;
  if (++checkpoint_parts_ < parts) return {};
  const std::string whole = std::exchange(checkpoint_, {});
  ST_TRY(*this, DecodeCheckpoint(whole));
  return {};
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
  producers_.Apply({entry.topic, PartitionId(entry.partition)}, batch,
                   {.base_offset = entry.base_offset, .append_time_us = entry.append_time_us});
  return {};
}

std::string LogState::EncodeCheckpoint() const {
  std::string out;
  out.reserve(producers_.encoded_bytes() + 64 +
              static_cast<std::size_t>(partitions_) * sizeof(std::int64_t) +
              topics_.size() * kMaxTopicBytes);
  AppendLittle(out, kCheckpointVersion);
  AppendLittle(out, marked_since_ ? marked_since_->value() : 0);
  AppendLittle(out, static_cast<std::uint32_t>(topics_.size()));
  for (const auto& [id, topic] : topics_) {
    AppendId(out, id);
    AppendLittle(out, static_cast<std::uint32_t>(topic.info.name.size()));
    out += topic.info.name;
    AppendLittle(out, topic.info.partitions);
    for (const auto next : topic.next_offsets) AppendLittle(out, next);
  }
  producers_.Encode(out);
  return out;
}

Result<LogState> LogState::DecodeCheckpoint(std::string_view bytes) {
  Cursor in(bytes);
  LogState state;
  const auto version = in.Take<std::uint32_t>();
  if (version < 1 || version > kCheckpointVersion) {
    return Fail(ErrorCode::kCorruption, "checkpoint version {}, want 1 to {}", version,
                kCheckpointVersion);
  }
  // Version 1 has the next producer id here; ids are random now.
  const auto since = in.Take<std::uint64_t>();
  if (version > 1 && since > 0) state.marked_since_ = Lsn(since);
  ST_TRY_STATUS(state.DecodeTopics(in));
  ST_TRY_STATUS(state.producers_.Decode(in, version));
  if (!in.ok() || !in.at_end()) {
    return Fail(ErrorCode::kCorruption, "checkpoint of {} bytes does not decode", bytes.size());
  }
  return state;
}

Status LogState::DecodeTopics(Cursor& in) {
  for (auto n = in.Take<std::uint32_t>(); in.ok() && n > 0; --n) {
    Topic topic;
    topic.info.id = in.TakeTopicId();
    topic.info.name = in.TakeBytes(in.Take<std::uint32_t>());
    topic.info.partitions = in.Take<std::int32_t>();
    if (topic.info.partitions < 1 || topic.info.partitions > kMaxPartitions) {
      return Fail(ErrorCode::kCorruption, "topic \"{}\" with {} partitions in a checkpoint",
                  topic.info.name, topic.info.partitions);
    }
    for (std::int32_t p = 0; p < topic.info.partitions && in.ok(); ++p) {
      topic.next_offsets.push_back(in.Take<std::int64_t>());
    }
    Add(std::move(topic));
  }
  return {};
}

}  // namespace st::log
