#include "game_service/history_reader.h"

#include <utility>

#include "format/record/record_batch.h"
#include "game_service/game_log.h"
#include "game_service/limits.h"

namespace st::game_service {

void HistoryReader::Read(Job job) {
  Error refused(ErrorCode::kShutdown, "the server stops");
  {
    MutexLock lock(mu_);
    if (!is_stopping_ && unfinished_ >= kMaxHistoryReads) {
      refused = Error(ErrorCode::kUnavailable,
                      fmt::format("{} reads of the past are running; retry later", unfinished_));
    } else if (!is_stopping_) {
      ++unfinished_;
      jobs_.push_back(std::move(job));
      if (threads_.size() < unfinished_) {
        threads_.emplace_back("game-history", [this] { Loop(); });
      }
      wake_.NotifyAll();
      return;
    }
  }
  job.done(std::unexpected(refused));
}

void HistoryReader::Loop() {
  while (true) {
    std::optional<Job> job;
    {
      MutexLock lock(mu_);
      while (jobs_.empty() && !is_stopping_) wake_.WaitFor(mu_, std::chrono::seconds(1));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    const auto result = Execute(*job);
    {
      // Before the answer, so that a client that got one finds room for its next read.
      MutexLock lock(mu_);
      --unfinished_;
    }
    job->done(result);
  }
}

Result<Offset> HistoryReader::EndFor(const GameMoment& moment) const {
  const auto& log = sources_.log;
  const TopicPartition tp = sources_.partition;
  const Offset end = log.EndOffset(tp);
  if (const auto* time = std::get_if<GameTime>(&moment)) {
    if (const auto after = log.OffsetForTime(tp, time->ms + 1)) return after->first;
    // A clock that was set back has records of later times.
    const std::int64_t ahead_ms = time->ms - sources_.clock.NowUs() / 1000;
    if (ahead_ms <= 0 || log.OffsetForTime(tp, time->ms)) return end;
    return Fail(
        ErrorCode::kInvalidArgument,
        "\"as_of\": the time is {}.{:03} s after the server's: want an earlier one, or leave "
        "it out to read the present",
        ahead_ms / 1000, ahead_ms % 1000);
  }
  const Offset offset = std::get<Offset>(moment);
  if (offset.value() < 0) return Offset(0);
  if (offset >= end) {
    return Fail(ErrorCode::kInvalidArgument,
                "\"as_of\": offset {} is after the log's end: want one from -1 to {}, or a time",
                offset, end.value() - 1);
  }
  if (offset < log.StartOffset(tp)) return std::unexpected(sources_.snapshots.Gone());
  // The whole batch: a command's events happen together.
  ST_TRY(const auto read, log.Read(tp, offset, 1));
  ST_TRY(const auto header, record::ParseHeader(read.batches));
  return Offset(header.base_offset + header.last_offset_delta + 1);
}

Status HistoryReader::CheckDeadline(std::int64_t began_us) const {
  {
    MutexLock lock(mu_);
    if (is_stopping_) return Fail(ErrorCode::kShutdown, "the server stops");
  }
  if (sources_.clock.MonotonicUs() - began_us <= kHistoryReadUs) return {};
  return Fail(
      ErrorCode::kDeadline,
      "\"as_of\": building that state from the nearest older snapshot and the log took more than "
      "{} s",
      kHistoryReadUs / 1'000'000);
}

Result<GameResult> HistoryReader::Execute(const Job& job) const {
  auto result = ReadAt(job);
  if (result || result.error().code() != ErrorCode::kNotFound) return result;
  return std::unexpected(result.error().WithContext("\"as_of\""));
}

Result<GameResult> HistoryReader::ReadAt(const Job& job) const {
  ST_TRY(const Offset end, EndFor(job.moment));
  std::vector<std::string> notices;
  const std::int64_t began_us = sources_.clock.MonotonicUs();
  ST_TRY(const auto state,
         sources_.snapshots.StateAt(end, notices, [&] { return CheckDeadline(began_us); }));
  return GameResult{.reply = game::Read(*job.rules, *state, job.query),
                    .position = GamePositionBefore(sources_.partition, end)};
}

void HistoryReader::Stop() {
  std::vector<os::Thread> threads;
  std::deque<Job> jobs;
  {
    MutexLock lock(mu_);
    is_stopping_ = true;
    threads.swap(threads_);
    jobs.swap(jobs_);
    wake_.NotifyAll();
  }
  for (auto& job : jobs) job.done(Fail(ErrorCode::kShutdown, "the server stops"));
  for (auto& thread : threads) thread.Join();
}

}  // namespace st::game_service
