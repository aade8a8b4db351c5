// The sessions of fetches (KIP-227): their ids, epochs and limits, by the rules of Apache
// Kafka 4.1.
//
// A session belongs to no connection: a client that connects again goes on with it. It ends with a
// fetch that says so, or when its place is needed.
//
// Threads: safe from any thread. Two fetches of one session may be in work at once, on two io
//          threads: the later one gets a copy of the partitions, and the earlier one keeps its own
//          unchanged until Release. Each session has a lock of its own, under which its partitions
//          are changed and copied; it is taken before the lock of all sessions, never after it.
// Owner:   the fetch handler; `clock` and `random` must outlive it. A copy lives as long as the
//          poll that has it, whose partitions count with those of other polls that wait.
// Limits:  kMaxFetchSessions, kMaxFetchSessionBytes and the shares of a client address (limits.h).
//          Where they are used up, a new session takes the place of one that was not used for
//          kFetchSessionIdleUs; else, where they are too many, of one with fewer partitions that
//          has been in use for longer than that; else there is none, and the client names all its
//          partitions each time. A client address beyond its share displaces its own.
// Metrics: steelthread_kafka_fetch_sessions, steelthread_kafka_fetch_session_bytes,
//          steelthread_kafka_fetch_sessions_evicted_total,
//          steelthread_kafka_fetch_sessions_refused_total.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/kafka/fetch_session.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "format/kafka/error_code.h"
#include "format/kafka/fetch.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/random.h"

namespace st::api {

class FetchSessions {
 public:
  struct State;
  // What a fetch is about.
  struct Fetch {
    // Does not change before Finish, and by nobody else before Release; nullptr: there is an error.
    std::shared_ptr<const FetchSession> partitions;
    kafka::ErrorCode error = kafka::ErrorCode::kNone;
    bool may_begin = false;                         // a session, with the answer: see Finish
    std::int32_t session = kafka::kNoFetchSession;  // that it continues, or has begun
    std::int32_t epoch = 0;                         // of the next fetch of that session
    std::shared_ptr<State> state = nullptr;         // for FetchSessions
  };

  // `metrics` may be nullptr and must outlive it.
  FetchSessions(os::Clock& clock, os::Random& random, MetricRegistry* metrics);

  // Finds or makes the partitions that `request` is about, and has the session go on by one epoch.
  // With `by_id` the request's version names topics by ids.
  Fetch Take(const kafka::FetchRequest& request, bool by_id);
  // Looks up the topics of a fetch that was taken just now.
  static void FindTopics(const Fetch& fetch, const log::Log& log);
  // Whether no later fetch of its session was taken; an answer must not be given else.
  static bool IsCurrent(const Fetch& fetch);
  // Notes what `parts`, the answer to a fetch, tells its client (FetchSession::Tell), and makes a
  // session of the fetch where it may begin one and there is a place, for a client's address.
  // False, and nothing is noted, where the fetch is no longer current.
  bool Finish(Fetch& fetch, std::vector<kafka::FetchedPartition>& parts, const std::string& client);
  // Ends the use of the partitions, which the next fetch may change from now on. A fetch that is
  // not released costs the next one a copy.
  static void Release(Fetch& fetch);

  std::size_t size() const;
  std::size_t bytes() const;

 private:
  struct Size {
    std::size_t bytes = 0;
    std::size_t partitions = 0;
  };
  struct Session {
    std::shared_ptr<State> state;
    std::string client;
    std::int64_t began_us = 0;
    std::int64_t used_us = 0;
    Size size;
    bool is_old() const;
  };
  // The sessions of one client or of all, as they are looked for when one must go.
  struct Usage {
    std::size_t bytes = 0;
    std::set<std::pair<std::int64_t, std::int32_t>> by_time;  // of their last use
    std::set<std::pair<std::size_t, std::int32_t>> by_size;   // those that are old
  };
  using Sessions = std::unordered_map<std::int32_t, Session>;

  static Size SizeOf(const FetchSession& partitions);
  Fetch Continue(const kafka::FetchRequest& request, bool by_id);
  std::shared_ptr<State> StateOf(std::int32_t id) const;  // nullptr: there is no such session
  // Makes a session of so many partitions; its id, or kNoFetchSession where there is no place.
  std::int32_t Begin(const std::shared_ptr<State>& state, Size size, const std::string& client);
  // Notes that a session is used now and has so many partitions. False: there is no place for
  // them, and it has ended. One that has ended before holds no place.
  bool Use(std::int32_t id, const std::shared_ptr<State>& state, Size size);
  void End(std::int32_t id);  // if it is there

  // Enters a session with its present size, used now; Withdraw takes it out again.
  void Enter(Sessions::iterator session, Size size) ST_REQUIRES(mu_);
  void Withdraw(Sessions::iterator session) ST_REQUIRES(mu_);
  void Remove(Sessions::iterator session) ST_REQUIRES(mu_);
  void Evict(Sessions::iterator session) ST_REQUIRES(mu_);
  bool HasPlace(const std::string& client) const ST_REQUIRES(mu_);
  bool HasBytes(const std::string& client, std::size_t more) const ST_REQUIRES(mu_);
  bool IsOverShare(const std::string& client, std::size_t more) const ST_REQUIRES(mu_);
  // Evicts the one of `usage` that was not used for longest, if that is long enough.
  bool EvictIdle(const Usage& usage) ST_REQUIRES(mu_);
  // Evicts the old one of `usage` with the fewest partitions, if it has fewer than `partitions`.
  bool EvictSmaller(const Usage& usage, std::size_t partitions) ST_REQUIRES(mu_);
  // nullptr: it has no session
  const Usage* UsageOf(const std::string& client) const ST_REQUIRES(mu_);
  std::int32_t NewId() ST_REQUIRES(mu_);
  void Show() ST_REQUIRES(mu_);

  os::Clock& clock_;
  os::Random& random_;
  mutable Mutex mu_;
  Sessions sessions_ ST_GUARDED_BY(mu_);
  std::unordered_map<std::string, Usage> by_client_ ST_GUARDED_BY(mu_);
  Usage in_all_ ST_GUARDED_BY(mu_);
  Metric* shown_sessions_ = nullptr;
  Metric* shown_bytes_ = nullptr;
  Metric* evicted_ = nullptr;
  Metric* refused_ = nullptr;
};

}  // namespace st::api
