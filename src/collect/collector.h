// MOVER: events -> log. Events that arrive while a topic's last batch is made durable go together
// into the next one; no timer adds latency when idle.
//
// Threads: Collect from any thread; callbacks run on the log's commit thread and must not block.
// Owner:   `log` and `clock` outlive it, and the log is stopped before it goes.
// Errors:  kUnavailable queue full or log not writable, nothing stored; as Log::Append.
// Limits:  limits.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "log/log.h"

namespace st::collect {

using Collected = std::function<void(const Result<Offset>&)>;

class Collector {
 public:
  Collector(log::Log& log, os::Clock& clock) : log_(log), clock_(clock) {}
  // Appends `value` to partition 0 of `topic`, which is made with one partition where it is
  // missing; `done` gets the offset once the event is durable.
  void Collect(const std::string& topic, std::string value, const Collected& done);

 private:
  struct Event {
    std::string value;
    std::int64_t time_ms = 0;
    Collected done;
  };
  struct Queue {
    std::string topic;
    std::vector<Event> waiting;
    std::uint64_t bytes = 0;
    bool in_flight = false;
  };
  Queue& FindQueue(const std::string& topic) ST_REQUIRES(mu_);
  // Sends the next batch of a queue, if there is anything to send.
  void SendNext(Queue& queue);
  void Append(Queue& queue, TopicId topic, std::vector<Event> events);
  void Finish(Queue& queue, const std::vector<Event>& events, const Result<Offset>& base);

  log::Log& log_;
  os::Clock& clock_;
  Mutex mu_;
  std::map<std::string, std::unique_ptr<Queue>> queues_ ST_GUARDED_BY(mu_);
};

}  // namespace st::collect
