// MOVER: events -> log. Events that arrive while a topic's last batch is made durable go together
// into the next one; no timer adds latency when idle.
//
// Threads: Open, Collect and Recall from any thread, and none waits for the disk; callbacks run on
//          the log's commit thread, on "key-lookup" for a repeat, or on the caller's for a refusal,
//          and must not block.
// Owner:   `log`, `clock`, `answers` and the metrics outlive it; the log is stopped before it is
//          destroyed.
// Errors:  kUnavailable too much in flight or disk full, nothing stored; kOutcomeUnknown it may be
//          stored, the log's next opening shows; kConflict the idempotency key's first request is
//          in flight; kAlreadyExists the key was another request's; others as Log::Append, nothing
//          stored.
// Limits:  limits.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "collect/limits.h"
#include "collect/lookup_thread.h"
#include "idempotency/key_store.h"
#include "log/log.h"
#include "os/clock.h"

namespace st::collect {

struct NewEvent {
  std::string value;
  std::optional<std::string> key;  // the record's
  std::optional<idempotency::Remembered>
      remembered{};  // under an idempotency key: the answer to a repeat
  std::uint64_t bytes() const;
};

struct Outcome {
  Offset offset;
  // Of a repeat: the record of `topic` at `offset` has its key, and this was the answer then.
  struct Repeat {
    std::string topic;
    idempotency::Answer answer;
  };
  std::optional<Repeat> repeat{};
};
using Collected = std::move_only_function<void(const Result<Outcome>&)>;
using Recalled = std::move_only_function<void(const Result<std::optional<Outcome>>&)>;

struct CollectorOptions {
  std::uint64_t max_in_flight_bytes = kMaxInFlightBytes;
  MetricRegistry* metrics = nullptr;  // may be null
  // Where idempotency keys are remembered; null: nowhere, and no event may have one.
  idempotency::KeyStore* answers = nullptr;
};

class Collector {
 public:
  class Topic;  // where events of one topic wait

  Collector(log::Log& log, os::Clock& clock, CollectorOptions options);
  ~Collector();

  // The handle of a topic, valid as long as the collector. Nothing is made in the log yet.
  Topic& Open(const std::string& name, PartitionId partition = PartitionId(0));
  // Appends the event to the handle's partition of the topic, which is made with one partition
  // where it is missing; `done` gets the offset once the event is durable. Events collected by one
  // thread are stored and answered in its order, but for those whose idempotency key may be known:
  // the thread "key-lookup" reads the disk for them, and they follow when that is done. Those are
  // repeats, and about one in a hundred new keys for each file of keys. One whose key is known is
  // not stored again.
  void Collect(Topic& topic, NewEvent event, Collected done);
  // `done` gets the earlier answer to this request under its key; nullopt: there is none. For a
  // request that is no longer an event of its route. Fails as keys do.
  void Recall(idempotency::Remembered asked, Recalled done);

 private:
  struct Waiting;
  class Meters;
  using Claim = idempotency::KeyStore::Claim;
  // kNew, kUnsure: the key is claimed. Reads no file.
  Result<Claim> ClaimKey(const idempotency::Remembered& asked);
  // Reads the disk for kKnown and kUnsure. nullopt: the key is new and claimed.
  Result<std::optional<Outcome>> LookUp(const Claim& claim, const idempotency::Remembered& asked);
  // Answers an event whose key is known or could not be claimed.
  void Answer(Waiting& event, const Result<Outcome>& outcome);
  void LookUpEvent(Topic& topic, const Claim& claim, Waiting event);
  void Abandon(const idempotency::Remembered& asked);
  Result<Outcome> Repeated(const idempotency::KeyStore::Place& place,
                           const idempotency::Remembered& asked);
  // Counts bytes as in flight. kUnavailable: too many are.
  Status ReserveBytes(std::uint64_t bytes);
  Status ReserveLocked(std::uint64_t bytes) ST_REQUIRES(mu_);
  void FreeBytes(std::uint64_t bytes);
  void Shed(Waiting& event, const Error& error);
  // Queues the event. kUnavailable: too much is in flight. True: no batch of the topic is in the
  // log's queue.
  Result<bool> Admit(Topic& topic, Waiting& event);
  void Queue(Topic& topic, Waiting waiting);
  // Sends the next batch of a topic, if there is anything to send.
  void SendNext(Topic& topic);
  void Append(Topic& topic, TopicPartition to, std::vector<Waiting> events);
  void Remember(Offset base, TopicPartition to, const std::vector<Waiting>& events);
  void Finish(Topic& topic, std::vector<Waiting>& events, const Result<Offset>& base);

  log::Log& log_;
  os::Clock& clock_;
  const CollectorOptions options_;
  const std::unique_ptr<Meters> meters_;
  Mutex mu_;
  std::map<std::pair<std::string, PartitionId>, std::unique_ptr<Topic>> topics_ ST_GUARDED_BY(mu_);
  // Bytes of events that wait here, for the disk, or in the log's queue.
  std::uint64_t in_flight_bytes_ ST_GUARDED_BY(mu_) = 0;
  LookupThread lookups_;  // ends first
};

}  // namespace st::collect
