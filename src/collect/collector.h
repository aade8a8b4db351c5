// MOVER: events -> log. Events that arrive while a topic's last batch is made durable go together
// into the next one; no timer adds latency when idle.
//
// Threads: Open and Collect from any thread; callbacks run on the log's commit thread, or on the
//          caller's for a refusal, and must not block.
// Owner:   `log`, `clock` and the metrics outlive it, and the log is stopped before it goes.
// Errors:  kUnavailable too much in flight or disk full, nothing stored; kOutcomeUnknown it may be
//          stored, the log's next opening shows; others as Log::Append, nothing stored.
// Limits:  limits.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "collect/limits.h"
#include "log/log.h"
#include "os/clock.h"

namespace st::collect {

struct NewEvent {
  std::string value;
  std::optional<std::string> key;  // the record's
  std::vector<std::pair<std::string, std::string>> headers;
  std::uint64_t bytes() const;
};

using Collected = std::move_only_function<void(const Result<Offset>&)>;

struct CollectorOptions {
  std::uint64_t max_in_flight_bytes = kMaxInFlightBytes;
  MetricRegistry* metrics = nullptr;  // may be null
};

class Collector {
 public:
  class Topic;  // where events of one topic wait

  Collector(log::Log& log, os::Clock& clock, CollectorOptions options);
  ~Collector();

  // The handle of a topic, valid as long as the collector. Nothing is made in the log yet.
  Topic& Open(const std::string& name);
  // Appends the event to partition 0 of the topic, which is made with one partition where it is
  // missing; `done` gets the offset once the event is durable. Events collected by one thread are
  // stored and answered in its order.
  void Collect(Topic& topic, NewEvent event, Collected done);

 private:
  struct Waiting;
  class Meters;
  // Sends the next batch of a topic, if there is anything to send.
  void SendNext(Topic& topic);
  void Append(Topic& topic, TopicId id, std::vector<Waiting> events);
  void Finish(Topic& topic, std::vector<Waiting>& events, const Result<Offset>& base);

  log::Log& log_;
  os::Clock& clock_;
  const CollectorOptions options_;
  const std::unique_ptr<Meters> meters_;
  Mutex mu_;
  std::map<std::string, std::unique_ptr<Topic>> topics_ ST_GUARDED_BY(mu_);
  // Of events that wait or are in the log's hands.
  std::uint64_t in_flight_bytes_ ST_GUARDED_BY(mu_) = 0;
};

}  // namespace st::collect
