#include "game_service/game_log.h"

#include <utility>

#include "base/check.h"
#include "log/partition_choice.h"

namespace st::game_service {

Result<std::unique_ptr<GameLog>> GameLog::Open(log::LocalLog& log) {
  auto topic = log.FindTopic(kGameTopic);
  if (!topic) {
    ST_TRY(topic, log.CreateTopic(kGameTopic, 1));
  }
  if (topic->partitions != 1) {
    return Fail(
        ErrorCode::kInvalidArgument,
        "topic {} has {} partitions; the game writes to one alone: the log's topic was made "
        "by something else",
        kGameTopic, topic->partitions);
  }
  auto game_log = std::unique_ptr<GameLog>(new GameLog(log, log::PartitionOfSequence(*topic)));
  game_log->Restart();
  return game_log;
}

void GameLog::Restart() {
  ST_CHECK(is_idle());
  producer_ = log_.NewProducerId();
  next_sequence_ = 0;
  is_first_ = true;
  end_ = log_.EndOffset(partition_).value();
  MutexLock lock(mu_);
  durable_end_ = end_;
  failure_.reset();
}

Result<GameLog::Batch> GameLog::Prepare(const std::vector<record::NewRecord>& records) const {
  Batch batch{.bytes = record::BuildBatch(
                  records, {.id = producer_.value(), .epoch = 0, .sequence = next_sequence_}),
              .records = static_cast<std::int32_t>(records.size()),
              .room = nullptr};
  ST_TRY(batch.room, log_.ReserveQueue(batch.bytes.size()));
  return batch;
}

void GameLog::Append(Batch batch, Appended done) {
  // Sequences wrap to 0 (KIP-98).
  constexpr std::int64_t kSequences = std::int64_t{1} << 31;
  next_sequence_ =
      static_cast<std::int32_t>((std::int64_t{next_sequence_} + batch.records) % kSequences);
  end_ += batch.records;
  is_first_ = false;
  {
    MutexLock lock(mu_);
    ++in_flight_;
  }
  log_.AppendInto(
      std::move(batch.room), partition_, std::move(batch.bytes),
      [this, end = end_, done = std::move(done)](const Result<log::AppendResult>& result) {
        done(RecordOutcome(end, result));
        // Last: after AwaitIdle its caller may destroy everything that `done` uses.
        MutexLock lock(mu_);
        if (--in_flight_ == 0) idle_.NotifyAll();
      });
}

Result<Offset> GameLog::RecordOutcome(std::int64_t end, const Result<log::AppendResult>& result) {
  MutexLock lock(mu_);
  if (result) {
    durable_end_ = end;
    return result->base_offset;
  }
  const ErrorCode code = result.error().code();
  const bool is_unknown = code == ErrorCode::kOutcomeUnknown;
  if (is_unknown || code == ErrorCode::kIo || code == ErrorCode::kShutdown) is_poisoned_ = true;
  if (!failure_) failure_ = result.error();
  // Batches behind the first that failed are refused for their sequence alone.
  return std::unexpected(is_unknown ? result.error() : *failure_);
}

std::optional<Error> GameLog::failure() const {
  MutexLock lock(mu_);
  return failure_;
}

bool GameLog::AwaitIdle(std::chrono::microseconds timeout) {
  MutexLock lock(mu_);
  if (in_flight_ > 0) idle_.WaitFor(mu_, timeout);
  return in_flight_ == 0;
}

}  // namespace st::game_service
