// Appends the game's batches to topic `game`, as those of one producer in sequence, and knows which
// are in flight and how far they are durable.
//
// After one batch failed the log refuses every later batch of the producer for its sequence, so the
// log holds a prefix of what was appended. Restart begins a new producer behind that prefix.
//
// Threads: Restart, Prepare and Append on one thread, the owner's; the rest from any. `done` of
//          Append runs on the log's commit thread and must not block.
// Owner:   GameService; `log` must outlive it. The destructor requires that AwaitIdle gave true.
// Durable: every record before durable_end() survives power loss.
// Errors:  those of log::Log. Every batch after the first that failed gets that batch's error, or
//          kOutcomeUnknown where its own outcome is unknown.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "format/record/record_batch.h"
#include "log/local_log.h"

namespace st::game_service {

inline constexpr const char* kGameTopic = "game";

// Of a record of topic `game`.
inline TopicPosition GamePosition(TopicPartition partition, Offset offset) {
  return {.topic = kGameTopic, .partition = partition.partition, .offset = offset};
}
// Of the last record before `end`; nullopt: there is none.
inline std::optional<TopicPosition> GamePositionBefore(TopicPartition partition, Offset end) {
  if (end.value() <= 0) return std::nullopt;
  return GamePosition(partition, end - 1);
}

class GameLog {
 public:
  // A batch that the log's queue has room for. Dropping it gives the room back.
  struct Batch {
    std::string bytes;
    std::int32_t records = 0;
    std::unique_ptr<log::QueueRoom> room;
  };
  // Called with the offset of the batch's first record.
  using Appended = std::function<void(const Result<Offset>&)>;

  // Creates the topic where it is missing. kInvalidArgument: it has more than one partition.
  static Result<std::unique_ptr<GameLog>> Open(log::LocalLog& log);

  TopicPartition partition() const { return partition_; }
  // Begins a new producer behind the durable records and forgets the failure. Requires: is_idle().
  void Restart();

  // Builds the next batch of the sequence and reserves room for it, so that Append cannot be
  // refused for a full queue. kUnavailable, kShutdown: there is no room, and nothing changed.
  Result<Batch> Prepare(const std::vector<record::NewRecord>& records) const;
  // Requires: `batch` is the result of the last Prepare. Until the log has stored one batch of a
  // producer it accepts any sequence, so a second batch could be stored although the first failed:
  // after the first one (is_first()) the caller waits for its `done` before it appends another.
  void Append(Batch batch, Appended done);
  // No batch was appended since Restart.
  bool is_first() const { return is_first_; }

  // Offset after the records that were appended; for the owner.
  std::int64_t end() const { return end_; }
  std::int64_t durable_end() const { return durable_end_; }
  std::size_t in_flight() const { return in_flight_; }
  bool is_idle() const { return in_flight_ == 0; }
  // The first failure since Restart.
  std::optional<Error> failure() const;
  // The log refuses appends until it is reopened.
  bool is_poisoned() const { return is_poisoned_; }
  // Waits until every `done` returned; false: `timeout` passed before.
  bool AwaitIdle(std::chrono::microseconds timeout);

 private:
  GameLog(log::LocalLog& log, TopicPartition partition) : log_(log), partition_(partition) {}
  // Records the outcome of a batch; gives the result for its caller.
  Result<Offset> RecordOutcome(std::int64_t end, const Result<log::AppendResult>& result);

  log::LocalLog& log_;
  const TopicPartition partition_;

  // The owner's.
  ProducerId producer_;
  std::int32_t next_sequence_ = 0;
  std::int64_t end_ = 0;
  bool is_first_ = true;

  // Written under mu_.
  std::atomic<std::int64_t> durable_end_ = 0;
  std::atomic<std::size_t> in_flight_ = 0;
  std::atomic<bool> is_poisoned_ = false;

  mutable Mutex mu_;
  CondVar idle_;
  std::optional<Error> failure_ ST_GUARDED_BY(mu_);
};

}  // namespace st::game_service
