// What the log's entries say, folded: topics, offsets, producers. Checkpointed at each segment.
//
// Threads: owned by the commit thread (recovery: by the opening thread).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "format/record/record_batch.h"
#include "log/log.h"
#include "log/reader/entry.h"

namespace st::log {

// The last batches of one idempotent producer on one partition (KIP-98).
struct ProducerState {
  struct Batch {
    std::int32_t first_sequence = 0;
    std::int32_t last_sequence = 0;
    std::int64_t base_offset = 0;
    std::int64_t append_time_us = 0;
  };
  std::int16_t epoch = 0;
  std::deque<Batch> batches;  // oldest first, at most kProducerBatches
  std::uint64_t last_lsn = 0;
};

class LogState {
 public:
  struct Topic {
    TopicInfo info;
    std::vector<std::int64_t> next_offsets;  // by partition
  };

  // The verdict on a batch before it gets an offset.
  struct SequenceCheck {
    bool is_duplicate = false;
    AppendResult original;  // of a duplicate
  };
  // kInvalidArgument: "out of order sequence …", "stale producer epoch …".
  Result<SequenceCheck> CheckSequence(TopicPartition tp, const record::BatchHeader& batch) const;

  // Folds one intact entry. kCorruption: it contradicts what came before.
  Status Apply(const EntryHeader& entry, std::string_view payload);

  const std::map<TopicId, Topic>& topics() const { return topics_; }
  const Topic* Find(TopicId id) const;
  const Topic* FindByName(std::string_view name) const;
  std::int64_t next_producer_id() const { return next_producer_id_; }
  std::int64_t NextOffset(TopicPartition tp) const;

  std::string EncodeCheckpoint() const;
  static Result<LogState> DecodeCheckpoint(std::string_view bytes);

 private:
  Status ApplyBatch(const EntryHeader& entry, std::string_view payload);
  void ForgetOldProducers();

  std::map<TopicId, Topic> topics_;
  std::map<std::pair<std::int64_t, TopicPartition>, ProducerState> producers_;
  std::int64_t next_producer_id_ = 1;
};

// Kafka's rule for topic names.
Status CheckTopicName(std::string_view name);

}  // namespace st::log
