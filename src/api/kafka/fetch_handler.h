// Answers Fetch requests: at once where enough bytes are there, else when they are or the wait
// ends.
//
// Threads: everything on the io thread, but for the log's wake-ups, which only post to it.
// Owner:   the adapter; `log` and the server behind `run_after` must outlive every posted task.
// Limits:  kMaxFetchBytes, kMaxFetchWaitMs, kFetchPauseUs (limits.h); the more waiting polls there
//          are, the longer each pauses, so that together they take a bounded part of the io thread.
// Source:  Kafka protocol guide, Fetch; KIP-74.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/kafka/handler.h"
#include "format/kafka/fetch.h"
#include "os/clock.h"

namespace st::api {

class FetchHandler final : public Handler {
 public:
  FetchHandler(log::Log& log, os::Clock& clock, RunAfter run_after)
      : log_(log), clock_(clock), run_after_(std::move(run_after)) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  struct Poll;

  // Answers `poll` if it has enough bytes or no time left, else waits for the next append.
  void TryAnswer(const std::shared_ptr<Poll>& poll);
  void Wait(const std::shared_ptr<Poll>& poll, const std::vector<kafka::FetchedPartition>& parts,
            std::int64_t pause_us);
  bool MayWait(Poll& poll);
  void Answer(Poll& poll, const std::vector<kafka::FetchedPartition>& parts);
  void PollAgain(const std::shared_ptr<Poll>& poll, std::int64_t pause_us);
  static std::int64_t RoomForRecords(const Poll& poll);
  // Reads the present records, within the client's limits and `room`; none where `room` is 0.
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
