// The log's state, a fold over its entries: topics, offsets, producers. Each segment begins with a
// checkpoint of it.
//
// Threads: owned by the commit thread (recovery: by the opening thread).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "format/record/record_batch.h"
#include "log/cursor.h"
#include "log/log.h"
#include "log/producers.h"
#include "log/reader/entry.h"

namespace st::log {

class LogState {
 public:
  struct Topic {
    TopicInfo info;
    std::vector<std::int64_t> next_offsets;  // by partition
  };

  // Applies one intact entry. kCorruption: it contradicts the entries before it. A checkpoint
  // replaces the state when its last part is applied.
  Status Apply(const EntryHeader& entry, std::string_view payload);

  const std::map<TopicId, Topic>& topics() const { return topics_; }
  const Topic* Find(TopicId id) const;
  const Topic* FindByName(std::string_view name) const;
  std::int64_t NextOffset(TopicPartition tp) const;
  // Ok, or why no such topic may be made: kAlreadyExists; kUnsupported: limits.h.
  Status CheckNewTopic(std::string_view name, std::int32_t partitions, const Origin& origin) const;

  Producers& producers() { return producers_; }
  const Producers& producers() const { return producers_; }

  // From this entry on the server's batches have the flag kFromServer; before it any batch may be
  // the server's. Not set in a log of an earlier version, until its next segment begins.
  std::optional<Lsn> marked_since() const { return marked_since_; }
  void MarkSince(Lsn lsn) {
    if (!marked_since_) marked_since_ = lsn;
  }

  std::string EncodeCheckpoint() const;
  static Result<LogState> DecodeCheckpoint(std::string_view bytes);

 private:
  Status ApplyBatch(const EntryHeader& entry, std::string_view payload);
  Status ApplyTopic(const EntryHeader& entry, std::string_view payload);
  Status ApplyCheckpointPart(const EntryHeader& entry, std::string_view payload);
  Status DecodeTopics(Cursor& in);
  void Add(Topic topic);

  std::map<TopicId, Topic> topics_;
  std::map<std::string, TopicId, std::less<>> ids_;
  std::int64_t partitions_ = 0;  // of all topics
  Producers producers_;
  std::optional<Lsn> marked_since_;

  // The parts of an incomplete checkpoint.
  std::string checkpoint_;
  std::int32_t checkpoint_parts_ = 0;
};

// Kafka's rule for topic names.
Status CheckTopicName(std::string_view name);

}  // namespace st::log
