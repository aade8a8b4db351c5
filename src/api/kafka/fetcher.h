// Fetch requests: answered at once where there is enough, else when there is or the wait is over.
//
// Threads: everything on the io thread, but for the log's wake-ups, which only post to it.
// Owner:   the adapter; `log` and what `run_after` posts to must outlive every posted task.
// Limits:  kMaxFetchBytes, kMaxFetchWaitMs, kFetchPauseUs (limits.h).
// Source:  Kafka protocol guide, Fetch; KIP-74.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "api/kafka/request.h"

namespace st::api {

class Fetcher {
 public:
  // Runs a task on the io thread after a delay in microseconds; safe from any thread.
  using RunAfter = std::function<void(std::int64_t, std::function<void()>)>;

  Fetcher(log::Log& log, RunAfter run_after) : log_(log), run_after_(std::move(run_after)) {}
  void Fetch(const std::shared_ptr<Request>& request, const Responder& responder);

 private:
  struct Poll;

  // Answers `poll` if it can be, else waits for the next append.
  void Step(const std::shared_ptr<Poll>& poll);
  void Wait(const std::shared_ptr<Poll>& poll, const std::vector<kafka::FetchedPartition>& parts);
  // Reads what there is now, within the client's and our limits.
  std::vector<kafka::FetchedPartition> ReadAll(const kafka::FetchRequest& fetch,
                                               std::int64_t& bytes) const;

  log::Log& log_;
  RunAfter run_after_;
};

}  // namespace st::api
