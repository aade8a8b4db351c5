#include "log/topics.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"
#include "base/topic_name.h"
#include "log/limits.h"
#include "log/lost_records.h"

namespace st::log {
namespace {

constexpr std::size_t kMaxTopicBytes = 16 + 4 + kMaxTopicNameBytes + 4;  // without its partitions
constexpr std::uint32_t kVersionWithStarts = 3;

void AppendText(std::string& out, std::string_view text) {
  AppendLittle(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

std::string TakeText(ByteReader& in) { return std::string(in.Bytes(in.Little<std::uint32_t>())); }

void AppendSettings(std::string& out, const TopicSettings& settings) {
  AppendLittle(out, static_cast<std::uint32_t>(settings.size()));
  for (const auto& [key, value] : settings) {
    AppendText(out, key);
    AppendText(out, value);
  }
}

TopicSettings TakeSettings(ByteReader& in) {
  TopicSettings settings;
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    auto key = TakeText(in);
    settings[std::move(key)] = TakeText(in);
  }
  return settings;
}

// Of a topic's settings in a checkpoint, with its id; 0: it has none.
std::size_t EncodedBytes(const TopicSettings* settings) {
  if (settings == nullptr) return 0;
  std::string bytes;
  AppendSettings(bytes, *settings);
  return sizeof(Uuid) + bytes.size();
}

// Requires: the topic has the partition.
Status PassOver(const LostEntry::Range& lost, Topics::Topic& topic) {
  OffsetRange& range = topic.ranges[static_cast<std::size_t>(lost.tp.partition.value())];
  if (lost.from != range.end || lost.to <= lost.from) {
    return Fail(ErrorCode::kCorruption, "topic {} partition {}: lost offsets {} to {}, want {}",
                topic.info.name, lost.tp.partition, lost.from, lost.to, range.end);
  }
  range.end = lost.to;
  return {};
}

}  // namespace

std::string EncodeTopicState(std::string_view name, const TopicSettings& settings) {
  std::string out;
  AppendText(out, name);
  AppendSettings(out, settings);
  return out;
}

std::string NameOfTopicState(std::string_view payload) {
  ByteReader in(payload);
  return TakeText(in);
}

Status CheckTopicName(std::string_view name) {
  if (IsTopicName(name)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "topic name \"{}\": 1 to {} of the characters a-z A-Z 0-9 . _ - are allowed, and "
              "not \".\" or \"..\"",
              name, kMaxTopicNameBytes);
}

const Topics::Topic* Topics::Find(TopicId id) const {
  const auto found = topics_.find(id);
  return found == topics_.end() ? nullptr : &found->second;
}

const Topics::Topic* Topics::FindByName(std::string_view name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? nullptr : Find(found->second);
}

const OffsetRange* Topics::Range(TopicPartition tp) const {
  const Topic* topic = Find(tp.topic);
  const std::int32_t partition = tp.partition.value();
  if (topic == nullptr || partition < 0 || partition >= topic->info.partitions) return nullptr;
  return &topic->ranges[static_cast<std::size_t>(partition)];
}

void Topics::Add(Topic topic) {
  const TopicId id = topic.info.id;
  ids_[topic.info.name] = id;
  partitions_ += topic.info.partitions;
  topics_.emplace(id, std::move(topic));
}

void Topics::SetSettings(TopicInfo& topic, TopicSettings settings) {
  settings_bytes_ -= EncodedBytes(topic.settings.get());
  topic.settings =
      settings.empty() ? nullptr : std::make_shared<const TopicSettings>(std::move(settings));
  settings_bytes_ += EncodedBytes(topic.settings.get());
}

Status Topics::CheckNew(const NewTopic& topic, const Origin& origin) const {
  const auto& [name, partitions, settings] = topic;
  if (FindByName(name) != nullptr) {
    return Fail(ErrorCode::kAlreadyExists, "topic \"{}\" already exists", name);
  }
  const std::size_t most_topics = origin.is_server ? kMaxTopics : kMaxTopics - kOwnTopics;
  if (topics_.size() >= most_topics) {
    return Fail(ErrorCode::kUnsupported, "topic \"{}\": there are {} topics, {} are allowed", name,
                topics_.size(), most_topics);
  }
  ST_TRY_STATUS(CheckSettings({.id = {}, .name = name}, settings));
  // The sum in a log of an earlier version may be above the limit: what the server makes for itself
  // has one partition, and is bounded by the number of topics.
  if (origin.is_server && partitions == 1) return {};
  return CheckTotal(name, partitions, origin);
}

Status Topics::CheckTotal(std::string_view name, std::int32_t more, const Origin& origin) const {
  const std::int64_t most =
      origin.is_server ? kMaxTotalPartitions : kMaxTotalPartitions - kOwnPartitions;
  if (partitions_ + more <= most) return {};
  return Fail(ErrorCode::kUnsupported,
              "topic \"{}\": {} partitions more than the {} that all topics have; {} are allowed",
              name, more, partitions_, most);
}

Status Topics::CheckPartitions(const TopicInfo& topic, std::int32_t partitions,
                               const Origin& origin) const {
  if (partitions <= topic.partitions) {
    return Fail(ErrorCode::kInvalidArgument, ErrorDetail::kPartitionCount,
                "topic \"{}\" has {} partitions; {} would not be more", topic.name,
                topic.partitions, partitions);
  }
  return CheckTotal(topic.name, partitions - topic.partitions, origin);
}

Status Topics::CheckSettings(const TopicInfo& topic, const TopicSettings& settings) const {
  if (settings.empty()) return {};
  const std::size_t bytes = EncodedBytes(&settings);
  const std::size_t others = settings_bytes_ - EncodedBytes(topic.settings.get());
  if (bytes > kMaxTopicSettingsBytes || others + bytes > kMaxSettingsBytes) {
    return Fail(ErrorCode::kUnsupported,
                "topic \"{}\": {} bytes of settings, where the other topics have {}; {} are "
                "allowed, of all topics {}",
                topic.name, bytes, others, kMaxTopicSettingsBytes, kMaxSettingsBytes);
  }
  return {};
}

bool Topics::Takes(EntryType type) const {
  return type == EntryType::kBatch || type == EntryType::kTopic || type == EntryType::kTopicState ||
         type == EntryType::kTopicEnd || type == EntryType::kStart || type == EntryType::kLost;
}

Status Topics::Apply(const EntryHeader& entry, std::string_view payload) {
  if (entry.type == EntryType::kTopic) return ApplyTopic(entry, payload);
  if (entry.type == EntryType::kTopicState) return ApplyState(entry, payload);
  if (entry.type == EntryType::kTopicEnd) return ApplyEnd(entry);
  if (entry.type == EntryType::kLost) {
    // The offsets behind the destroyed records stay as they were, so a hole is left.
    ST_TRY(const auto lost, DecodeLostEntry(payload));
    for (const auto& topic : lost.topics) {
      ST_TRY_STATUS(ApplyState({.topic = topic.id, .partition = topic.partitions}, topic.state));
    }
    for (const auto& range : lost.ranges) {
      ST_TRY(Topic* const topic,
             TopicOf({.topic = range.tp.topic, .partition = range.tp.partition.value()}));
      ST_TRY_STATUS(PassOver(range, *topic));
    }
    return {};
  }
  return entry.type == EntryType::kBatch ? ApplyBatch(entry) : ApplyStart(entry);
}

Status Topics::ApplyTopic(const EntryHeader& entry, std::string_view name) {
  if (entry.partition < 1 || entry.partition > kMaxPartitions || Find(entry.topic) != nullptr) {
    return Fail(ErrorCode::kCorruption, "topic entry with {} partitions", entry.partition);
  }
  Topic topic{{.id = entry.topic, .name = std::string(name), .partitions = entry.partition}, {}};
  topic.ranges.resize(static_cast<std::size_t>(entry.partition));
  Add(std::move(topic));
  return {};
}

Status Topics::ApplyState(const EntryHeader& entry, std::string_view payload) {
  ByteReader in(payload);
  const auto name = TakeText(in);
  auto settings = TakeSettings(in);
  if (!in.is_at_end()) {
    return Fail(ErrorCode::kCorruption, "topic's state of {} bytes does not decode",
                payload.size());
  }
  if (Find(entry.topic) == nullptr) ST_TRY_STATUS(ApplyTopic(entry, name));
  Topic& topic = topics_.at(entry.topic);
  if (topic.info.name != name || entry.partition < topic.info.partitions ||
      entry.partition > kMaxPartitions) {
    return Fail(ErrorCode::kCorruption,
                "topic \"{}\" of {} partitions becomes \"{}\" of {} partitions", topic.info.name,
                topic.info.partitions, name, entry.partition);
  }
  partitions_ += entry.partition - topic.info.partitions;
  topic.info.partitions = entry.partition;
  topic.ranges.resize(static_cast<std::size_t>(entry.partition));
  SetSettings(topic.info, std::move(settings));
  return {};
}

Status Topics::ApplyEnd(const EntryHeader& entry) {
  const auto topic = topics_.find(entry.topic);
  if (topic == topics_.end()) {
    return Fail(ErrorCode::kCorruption, "end of unknown topic {}", entry.topic.ToString());
  }
  SetSettings(topic->second.info, {});
  partitions_ -= topic->second.info.partitions;
  ids_.erase(topic->second.info.name);
  topics_.erase(topic);
  return {};
}

Result<Topics::Topic*> Topics::TopicOf(const EntryHeader& entry) {
  const auto topic = topics_.find(entry.topic);
  if (topic == topics_.end() || entry.partition < 0 ||
      entry.partition >= topic->second.info.partitions) {
    return Fail(ErrorCode::kCorruption, "entry of unknown topic {} partition {}",
                entry.topic.ToString(), entry.partition);
  }
  return &topic->second;
}

Status Topics::ApplyBatch(const EntryHeader& entry) {
  ST_TRY(Topic* const topic, TopicOf(entry));
  OffsetRange& range = topic->ranges[static_cast<std::size_t>(entry.partition)];
  if (entry.base_offset != range.end || entry.records < 1) {
    return Fail(ErrorCode::kCorruption, "topic {} partition {}: base offset {}, want {}",
                topic->info.name, entry.partition, entry.base_offset, range.end);
  }
  range.end = entry.base_offset + entry.records;
  return {};
}

Status Topics::ApplyStart(const EntryHeader& entry) {
  ST_TRY(Topic* const topic, TopicOf(entry));
  OffsetRange& range = topic->ranges[static_cast<std::size_t>(entry.partition)];
  if (entry.base_offset < range.start || entry.base_offset > range.end) {
    return Fail(ErrorCode::kCorruption, "topic {} partition {}: start {} is outside {}..{}",
                topic->info.name, entry.partition, entry.base_offset, range.start, range.end);
  }
  range.start = entry.base_offset;
  return {};
}

std::size_t Topics::encoded_bytes() const {
  return sizeof(std::uint32_t) + static_cast<std::size_t>(partitions_) * sizeof(OffsetRange) +
         topics_.size() * kMaxTopicBytes;
}

void Topics::Encode(std::string& out) const {
  AppendLittle(out, static_cast<std::uint32_t>(topics_.size()));
  for (const auto& [id, topic] : topics_) {
    AppendUuid(out, id);
    AppendLittle(out, static_cast<std::uint32_t>(topic.info.name.size()));
    out += topic.info.name;
    AppendLittle(out, topic.info.partitions);
    for (const auto& range : topic.ranges) {
      AppendLittle(out, range.start);
      AppendLittle(out, range.end);
    }
  }
}

Status Topics::Decode(ByteReader& in, std::uint32_t version) {
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    Topic topic;
    topic.info.id = TopicId(in.Id());
    topic.info.name = in.Bytes(in.Little<std::uint32_t>());
    topic.info.partitions = in.Little<std::int32_t>();
    if (topic.info.partitions < 1 || topic.info.partitions > kMaxPartitions) {
      return Fail(ErrorCode::kCorruption, "topic \"{}\" with {} partitions in a checkpoint",
                  topic.info.name, topic.info.partitions);
    }
    for (std::int32_t p = 0; p < topic.info.partitions && in.ok(); ++p) {
      OffsetRange range;
      if (version >= kVersionWithStarts) range.start = in.Little<std::int64_t>();
      range.end = in.Little<std::int64_t>();
      if (range.start < 0 || range.start > range.end) {
        return Fail(ErrorCode::kCorruption, "topic \"{}\" partition {} with offsets {} to {}",
                    topic.info.name, p, range.start, range.end);
      }
      topic.ranges.push_back(range);
    }
    Add(std::move(topic));
  }
  return {};
}

void Topics::EncodeSettings(std::string& out) const {
  const auto has_settings = [](const auto& item) { return item.second.info.settings != nullptr; };
  AppendLittle(out, static_cast<std::uint32_t>(std::ranges::count_if(topics_, has_settings)));
  for (const auto& [id, topic] : topics_) {
    if (topic.info.settings == nullptr) continue;
    AppendUuid(out, id);
    AppendSettings(out, *topic.info.settings);
  }
}

Status Topics::DecodeSettings(ByteReader& in) {
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    const TopicId id(in.Id());
    auto settings = TakeSettings(in);
    const auto topic = topics_.find(id);
    if (topic == topics_.end()) {
      return Fail(ErrorCode::kCorruption, "settings of unknown topic {} in a checkpoint",
                  id.ToString());
    }
    SetSettings(topic->second.info, std::move(settings));
  }
  return {};
}

}  // namespace st::log
