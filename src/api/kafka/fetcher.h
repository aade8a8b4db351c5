// Fetch requests: answered at once where there is enough, else when there is or the wait is over.
//
// Threads: everything on the io thread, but for the log's wake-ups, which only post to it.
// Owner:   the adapter; `log` and what `run_after` posts to must outlive every posted task.
// Limits:  kMaxFetchBytes, kMaxFetchWaitMs, kFetchPauseUs (limits.h); what polls that wait for more
//          bytes cost together stays a part of the io thread's time, by longer pauses.
// Source:  Kafka protocol guide, Fetch; KIP-74.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/kafka/request.h"
#include "os/clock.h"

namespace st::api {

class Fetcher {
 public:
  // Runs a task on the io thread after a delay in microseconds; safe from any thread.
  using RunAfter = std::function<void(std::int64_t, std::function<void()>)>;

  Fetcher(log::Log& log, os::Clock& clock, RunAfter run_after)
      : log_(log), clock_(clock), run_after_(std::move(run_after)) {}
  void Fetch(const std::shared_ptr<Request>& request, const Responder& responder);

 private:
  struct Poll;

  // Answers `poll` if it can be, else waits for the next append.
  void Step(const std::shared_ptr<Poll>& poll);
  void Wait(const std::shared_ptr<Poll>& poll, const std::vector<kafka::FetchedPartition>& parts,
            std::int64_t pause_us);
  bool MayWait(Poll& poll);
  void Answer(Poll& poll, const std::vector<kafka::FetchedPartition>& parts);
  void LookAgain(const std::shared_ptr<Poll>& poll, std::int64_t pause_us);
  static std::int64_t RoomForRecords(const Poll& poll);
  // Reads what there is now, within the client's limits and `room` for records; nothing where that
  // is 0.
  std::vector<kafka::FetchedPartition> ReadAll(const Poll& poll, std::int64_t room,
                                               std::int64_t& bytes) const;

  log::Log& log_;
  os::Clock& clock_;
  RunAfter run_after_;
  std::int64_t waiting_ = 0;  // polls
  std::int64_t turn_ = 0;
  std::unordered_map<std::string, std::int64_t> polled_;  // partitions that wait, by client
  std::int64_t polled_in_all_ = 0;
};

}  // namespace st::api
