#include "game_service/history.h"

#include <utility>

#include "format/record/record_batch.h"
#include "game_service/limits.h"

namespace st::game_service {

void GameService::History::Read(game::Query query, GameMoment moment, GameDone done) {
  Error refused(ErrorCode::kShutdown, "the server stops");
  {
    MutexLock lock(mu_);
    if (!is_stopping_ && running_ >= kMaxHistoryReads) {
      refused = Error(ErrorCode::kUnavailable,
                      fmt::format("{} reads of the past go on; retry later", running_));
    } else if (!is_stopping_) {
      ++running_;
      jobs_.push_back({std::move(query), moment, std::move(done)});
      if (threads_.size() < running_) {
        threads_.emplace_back("game-history", [this] { Loop(); });
      }
      wake_.NotifyAll();
      return;
    }
  }
  done(std::unexpected(refused));
}

void GameService::History::Loop() {
  while (true) {
    std::optional<Job> job;
    {
      MutexLock lock(mu_);
      while (jobs_.empty() && !is_stopping_) wake_.WaitFor(mu_, std::chrono::seconds(1));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    const auto result = Run(*job);
    {
      // Before the answer, so that who got one finds room for the next.
      MutexLock lock(mu_);
      --running_;
    }
    job->done(result);
  }
}

Result<Offset> GameService::History::EndFor(const GameMoment& moment) const {
  const auto& log = service_.parts_.log;
  const TopicPartition tp = service_.game_log_->partition();
  const Offset end = log.EndOffset(tp);
  if (const auto* time = std::get_if<GameTime>(&moment)) {
    const auto after = log.OffsetForTime(tp, time->ms + 1);
    return after ? after->first : end;
  }
  const Offset offset = std::get<Offset>(moment);
  if (offset.value() < 0) return Offset(0);
  if (offset >= end) {
    return Fail(ErrorCode::kInvalidArgument,
                "\"as_of\": offset {} has not been yet: want one from -1 to {}, or a time", offset,
                end.value() - 1);
  }
  // All of its batch: a command's events happen together.
  ST_TRY(const auto read, log.Read(tp, offset, 1));
  ST_TRY(const auto header, record::ParseHeader(read.batches));
  return Offset(header.base_offset + header.last_offset_delta + 1);
}

st::Status GameService::History::MayGoOn(std::int64_t began_us) const {
  {
    MutexLock lock(mu_);
    if (is_stopping_) return Fail(ErrorCode::kShutdown, "the server stops");
  }
  if (service_.parts_.clock.MonotonicUs() - began_us <= kHistoryReadUs) return {};
  return Fail(
      ErrorCode::kDeadline,
      "\"as_of\": to make the state of then from the nearest older snapshot and the log took "
      "more than {} s",
      kHistoryReadUs / 1'000'000);
}

Result<GameResult> GameService::History::Run(const Job& job) const {
  ST_TRY(const Offset end, EndFor(job.moment));
  std::vector<std::string> notices;
  const std::int64_t began_us = service_.parts_.clock.MonotonicUs();
  ST_TRY(const auto state,
         service_.snapshots_.StateAt(end, notices, [&] { return MayGoOn(began_us); }));
  return GameResult{
      .reply = game::Read(*service_.catalogue(), *state, job.query),
      .position = end.value() > 0 ? std::optional(Offset(end.value() - 1)) : std::nullopt};
}

void GameService::History::Stop() {
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
