// The topics of the log and the offset range of each partition, as a part of the log's state.
//
// Threads: owned by the commit thread (recovery: by the opening thread).
// Limits:  kMaxTopics, kMaxPartitions, kMaxTotalPartitions, kMaxTopicSettingsBytes,
//          kMaxSettingsBytes (limits.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/log.h"
#include "log/state_part.h"

namespace st::log {

// The records of a partition have the offsets [start, end). Some may be missing: batches that were
// compacted away leave holes. The index says where the batches that are left lie.
struct OffsetRange {
  std::int64_t start = 0;
  std::int64_t end = 0;
};

// The payload of an entry that makes or changes a topic.
std::string EncodeTopicState(std::string_view name, const TopicSettings& settings);

// "" where it does not decode.
std::string NameOfTopicState(std::string_view payload);

class Topics final : public StatePart {
 public:
  struct Topic {
    TopicInfo info;
    std::vector<OffsetRange> ranges;  // by partition
  };

  const std::map<TopicId, Topic>& all() const { return topics_; }
  const Topic* Find(TopicId id) const;
  const Topic* FindByName(std::string_view name) const;
  // nullptr: no such topic or partition.
  const OffsetRange* Range(TopicPartition tp) const;
  std::int64_t partitions() const { return partitions_; }  // of all topics
  // Ok, or why no such topic may be made: kAlreadyExists; kUnsupported: limits.h.
  Status CheckNew(const NewTopic& topic, const Origin& origin) const;
  // Ok, or why the topic may not have so many partitions, or these settings: as Log::ChangeTopic.
  Status CheckPartitions(const TopicInfo& topic, std::int32_t partitions,
                         const Origin& origin) const;
  Status CheckSettings(const TopicInfo& topic, const TopicSettings& settings) const;

  std::uint32_t tag() const override { return kTopicsPart; }
  std::uint32_t version() const override { return 3; }
  bool Takes(EntryType type) const override;
  Status Apply(const EntryHeader& entry, std::string_view payload) override;
  void Encode(std::string& out) const override;
  std::size_t encoded_bytes() const override;
  // Versions 1 and 2 have no starts: every partition starts at 0.
  Status Decode(ByteReader& in, std::uint32_t version) override;
  void Clear() override { *this = Topics(); }

  // The settings of all topics, for the part of the checkpoint that has them.
  bool has_settings() const { return settings_bytes_ > 0; }
  std::size_t settings_bytes() const { return settings_bytes_; }
  void EncodeSettings(std::string& out) const;
  Status DecodeSettings(ByteReader& in);

 private:
  Status ApplyState(const EntryHeader& entry, std::string_view payload);
  Status ApplyEnd(const EntryHeader& entry);
  void SetSettings(TopicInfo& topic, TopicSettings settings);
  // Ok, or kUnsupported: with so many more partitions there are too many.
  Status CheckTotal(std::string_view name, std::int32_t more, const Origin& origin) const;
  Status ApplyTopic(const EntryHeader& entry, std::string_view name);
  Status ApplyBatch(const EntryHeader& entry);
  Status ApplyStart(const EntryHeader& entry);
  // The topic of an entry of one partition; kCorruption.
  Result<Topic*> TopicOf(const EntryHeader& entry);
  void Add(Topic topic);

  std::map<TopicId, Topic> topics_;
  std::map<std::string, TopicId, std::less<>> ids_;
  std::int64_t partitions_ = 0;
  std::size_t settings_bytes_ = 0;  // of all topics, as encoded
};

// The settings of the topics as a part of their own, which a log without settings does not have: a
// program that knows no settings opens such a log.
//
// Owner: LogState; `topics` must outlive it.
class TopicSettingsPart final : public StatePart {
 public:
  explicit TopicSettingsPart(Topics& topics) : topics_(topics) {}
  std::uint32_t tag() const override { return kTopicSettingsPart; }
  std::uint32_t version() const override { return 1; }
  bool Takes(EntryType) const override { return false; }  // topics_ takes them
  Status Apply(const EntryHeader&, std::string_view) override { return {}; }
  void Encode(std::string& out) const override { topics_.EncodeSettings(out); }
  std::size_t encoded_bytes() const override {
    return sizeof(std::uint32_t) + topics_.settings_bytes();
  }
  Status Decode(ByteReader& in, std::uint32_t) override { return topics_.DecodeSettings(in); }
  void Clear() override {}
  bool may_be_left_out() const override { return !topics_.has_settings(); }

 private:
  Topics& topics_;
};

// Kafka's rule for topic names.
Status CheckTopicName(std::string_view name);

}  // namespace st::log
