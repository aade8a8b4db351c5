#include "log/topics.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"
#include "log/limits.h"

namespace st::log {
namespace {

constexpr std::size_t kMaxNameBytes = 249;
constexpr std::size_t kMaxTopicBytes = 16 + 4 + kMaxNameBytes + 4;  // without its partitions
constexpr std::uint32_t kVersionWithStarts = 3;

}  // namespace

Status CheckTopicName(std::string_view name) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (name.empty() || name.size() > kMaxNameBytes || name == "." || name == ".." ||
      !std::ranges::all_of(name, legal)) {
    return Fail(ErrorCode::kInvalidArgument,
                "topic name \"{}\": 1 to {} of the characters a-z A-Z 0-9 . _ - are allowed, and "
                "not \".\" or \"..\"",
                name, kMaxNameBytes);
  }
  return {};
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

Status Topics::CheckNew(std::string_view name, std::int32_t partitions,
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

bool Topics::Takes(EntryType type) const {
  return type == EntryType::kBatch || type == EntryType::kTopic || type == EntryType::kStart;
}

Status Topics::Apply(const EntryHeader& entry, std::string_view payload) {
  if (entry.type == EntryType::kTopic) return ApplyTopic(entry, payload);
  return entry.type == EntryType::kBatch ? ApplyBatch(entry) : ApplyStart(entry);
}

Status Topics::ApplyTopic(const EntryHeader& entry, std::string_view name) {
  if (entry.partition < 1 || entry.partition > kMaxPartitions || Find(entry.topic) != nullptr) {
    return Fail(ErrorCode::kCorruption, "topic entry with {} partitions", entry.partition);
  }
  Topic topic{{entry.topic, std::string(name), entry.partition}, {}};
  topic.ranges.resize(static_cast<std::size_t>(entry.partition));
  Add(std::move(topic));
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

}  // namespace st::log
