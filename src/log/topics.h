// The topics of the log and the offset range of each partition, as a part of the log's state.
//
// Threads: owned by the commit thread (recovery: by the opening thread).
// Limits:  kMaxTopics, kMaxPartitions, kMaxTotalPartitions (limits.h).
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
  Status CheckNew(std::string_view name, std::int32_t partitions, const Origin& origin) const;

  std::uint32_t tag() const override { return kTopicsPart; }
  std::uint32_t version() const override { return 3; }
  bool Takes(EntryType type) const override;
  Status Apply(const EntryHeader& entry, std::string_view payload) override;
  void Encode(std::string& out) const override;
  std::size_t encoded_bytes() const override;
  // Versions 1 and 2 have no starts: every partition starts at 0.
  Status Decode(ByteReader& in, std::uint32_t version) override;
  void Clear() override { *this = Topics(); }

 private:
  Status ApplyTopic(const EntryHeader& entry, std::string_view name);
  Status ApplyBatch(const EntryHeader& entry);
  Status ApplyStart(const EntryHeader& entry);
  // The topic of an entry of one partition; kCorruption.
  Result<Topic*> TopicOf(const EntryHeader& entry);
  void Add(Topic topic);

  std::map<TopicId, Topic> topics_;
  std::map<std::string, TopicId, std::less<>> ids_;
  std::int64_t partitions_ = 0;
};

// Kafka's rule for topic names.
Status CheckTopicName(std::string_view name);

}  // namespace st::log
