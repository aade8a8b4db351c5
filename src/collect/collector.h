// MOVER: events -> log. Events that arrive while a topic's last batch is made durable form the next
// batch; no timer adds latency when idle.
//
// Threads: Open, Collect and Recall from any thread, and none waits for the disk; callbacks run on
//          the log's commit thread, on "key-lookup" for a repeat, or on the caller's for a refusal,
//          and must not block.
// Owner:   `log`, `answers` and what `env` names outlive it; the log is stopped before it is
//          destroyed.
// Errors:  kUnavailable too much in flight or disk full, nothing stored; kOutcomeUnknown the event
//          may be stored, which the next opening of the log decides; kConflict the first request
//          with the idempotency key is in flight; kAlreadyExists another request had the key;
//          others as Log::Append, nothing stored.
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
#include "os/env.h"

namespace st::collect {

struct NewEvent {
  std::string value;
  std::optional<std::string> key;  // the record's
  std::optional<idempotency::Remembered>
      remembered{};  // under an idempotency key: the answer to a repeat
  std::uint64_t bytes() const;
};

struct Outcome {
  TopicPosition position;  // of a repeat that of the first record with the key
  // Of a repeat: the answer that the first record got.
  std::optional<idempotency::Answer> repeated{};
};
using Collected = std::move_only_function<void(const Result<Outcome>&)>;
using Recalled = std::move_only_function<void(const Result<std::optional<Outcome>>&)>;

struct CollectorOptions {
  std::uint64_t max_in_flight_bytes = kMaxInFlightBytes;
  // Remembers idempotency keys; null: events with a key are refused.
  idempotency::KeyStore* answers = nullptr;
};

class Collector {
 public:
  class Topic;  // the events of one topic that wait for the next batch

  Collector(const os::Env& env, log::Log& log, CollectorOptions options);
  ~Collector();

  // The handle of a topic, valid as long as the collector. The topic is not created yet.
  Topic& Open(const std::string& name);
  // Appends the event to the partition of its key (log::PartitionOfEvent); a missing topic is
  // created with one partition. `done` gets the position once the event is durable. The events that
  // one thread has for one partition are stored and answered in its order, except those whose
  // idempotency key may be known: the thread "key-lookup" reads the disk first. These are repeats,
  // and for each file of keys about one in a hundred new keys. An event whose key is known is
  // answered as before and not stored.
  void Collect(Topic& topic, NewEvent event, Collected done);
  // `done` gets the earlier answer to this request under its key; nullopt: there is none. For
  // requests that the present declarations refuse. Fails as keys do.
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
  // Queues the event. kUnavailable: too much is in flight. True: no event of the topic is in the
  // log's queue.
  Result<bool> Admit(Topic& topic, Waiting& event);
  void Queue(Topic& topic, Waiting waiting);
  // Sends the next events of a topic, if there are any: a batch to each of their partitions.
  void SendNext(Topic& topic);
  std::vector<Waiting> TakeWaiting(Topic& topic);
  void Send(Topic& topic, const log::TopicInfo& info, std::vector<Waiting> events);
  // `settled` runs last.
  void Append(const Topic& topic, TopicPartition to, std::vector<Waiting> events,
              std::function<void()> settled);
  void Remember(Offset base, TopicPartition to, const std::vector<Waiting>& events);
  void Refuse(std::vector<Waiting>& events, const Error& error);
  void Accept(const Topic& topic, TopicPartition to, std::vector<Waiting>& events, Offset base);

  log::Log& log_;
  os::Clock& clock_;
  const CollectorOptions options_;
  const std::unique_ptr<Meters> meters_;
  Mutex mu_;
  std::map<std::string, std::unique_ptr<Topic>> topics_ ST_GUARDED_BY(mu_);
  // Bytes of events that wait here, for the disk, or in the log's queue.
  std::uint64_t in_flight_bytes_ ST_GUARDED_BY(mu_) = 0;
  LookupThread lookups_;  // ends first
};

}  // namespace st::collect
