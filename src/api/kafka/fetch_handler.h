// Answers Fetch requests: at once where enough bytes are there, else when they are or the wait
// ends.
//
// Threads: a poll is answered on the io thread of its connection; the log only posts to it. Records
//          that are not in memory are read on the thread kafka-read, for each client in turn. A
//          poll reads the partitions of its fetch without a lock, since nobody changes them before
//          it is answered (FetchSessions), and is touched by one thread at a time.
// Owner:   the adapter; `log` and `env`'s members must outlive every posted task, the listener
//          every wake-up.
// Limits:  kMaxFetchBytes, kMaxFetchWaitMs, kMaxPolledPartitions, kFetchPauseUs (limits.h); the
//          more waiting polls there are, the longer each pauses, so that together they take a
//          bounded part of the io threads.
// Source:  Kafka protocol guide, Fetch; KIP-74, KIP-227 (sessions), KIP-320 (leader epochs).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/kafka/fetch_session.h"
#include "api/kafka/fetch_sessions.h"
#include "api/kafka/handler.h"
#include "base/ids.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "format/kafka/fetch.h"
#include "net/fair_thread.h"
#include "os/clock.h"
#include "os/env.h"

namespace st::api {

class FetchHandler final : public Handler {
 public:
  // `metrics` may be nullptr.
  FetchHandler(log::Log& log, const os::Env& env, MetricRegistry* metrics)
      : log_(log), clock_(env.clock), sessions_(env.clock, env.random, metrics) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
  void Stop() override { reads_.Stop(); }

 private:
  struct Poll;
  // What was read for a poll: one for each of its partitions.
  struct Found {
    std::vector<kafka::FetchedPartition> parts;
    std::int64_t bytes = 0;  // of their records
    bool ends_wait = false;  // however little it is
    bool has_some() const { return bytes > 0; }
  };

  // Reads, then AnswerOrWait.
  void TryAnswer(const std::shared_ptr<Poll>& poll);
  // Answers `poll` if it has enough bytes or no time left, else waits for the next append. The read
  // took the io thread so long.
  void AnswerOrWait(const std::shared_ptr<Poll>& poll, Found found, std::int64_t cost_us);
  void Wait(const std::shared_ptr<Poll>& poll, const Found& found, std::int64_t pause_us);
  bool MayWait(Poll& poll);
  void Answer(Poll& poll, Found found);
  void AnswerSuperseded(Poll& poll);
  void Send(Poll& poll, const kafka::FetchAnswer& answer);
  void PollAgain(const std::shared_ptr<Poll>& poll, std::int64_t pause_us);
  static std::int64_t RoomForRecords(const Poll& poll);
  // Reads the present records, within the client's limits and `room`; none where `room` is 0.
  // nullopt, with DiskWait::kNever alone: it would have to wait for the disk.
  std::optional<Found> ReadAll(const Poll& poll, std::int64_t room, log::DiskWait wait) const;
  // Fills in what there is of a partition but its records; whether there are some to read. `found`
  // is a topic that was found just now, or nil: partitions of one topic look it up once.
  bool ReadRange(const FetchSession::Part& asked, kafka::FetchedPartition& part,
                 TopicId& found) const;
  // Fills in the records or an error; false: it would have to wait for the disk.
  bool ReadRecords(const FetchSession::Part& asked, std::int64_t allowed, log::DiskWait wait,
                   kafka::FetchedPartition& part) const;

  log::Log& log_;
  os::Clock& clock_;
  FetchSessions sessions_;
  std::atomic<std::int64_t> waiting_ = 0;  // polls
  std::atomic<std::int64_t> turn_ = 0;
  // Partitions that wait.
  struct Polled {
    std::unordered_map<std::string, std::int64_t> by_client;
    std::int64_t in_all = 0;
  };
  Guarded<Polled> polled_;
  net::FairThread reads_{"kafka-read"};
};

}  // namespace st::api
