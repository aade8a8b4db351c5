#include "collect/collector.h"

#include <array>
#include <atomic>
#include <utility>

#include "format/record/record_batch.h"
#include "log/partition_choice.h"

namespace st::collect {
namespace {

using Verdict = idempotency::KeyStore::Verdict;

std::uint64_t RememberedBytes(const idempotency::Remembered& asked) {
  constexpr std::uint64_t kHeaderNames = 192;  // and the hashes of scope and request
  return kHeaderNames + asked.key.size() + asked.answer.content_type.size() +
         asked.answer.body.size();
}

std::unexpected<Error> OfAnotherRequest(const idempotency::Remembered& asked) {
  return Fail(ErrorCode::kAlreadyExists,
              "the idempotency key \"{}\" was another request's: a new request takes a new key",
              asked.key);
}

}  // namespace

std::uint64_t NewEvent::bytes() const {
  const std::uint64_t total = value.size() + (key ? key->size() : 0);
  return remembered ? total + RememberedBytes(*remembered) : total;
}

struct Collector::Waiting {
  NewEvent event;
  std::int64_t time_ms = 0;
  std::int64_t began_us = 0;  // monotonic
  Collected done;
  std::vector<std::pair<std::string, std::string>> headers;
  bool is_counted = false;  // in the bytes in flight
  std::uint64_t bytes() const { return event.bytes() + kEventOverheadBytes; }
};

// Guarded by the collector's mutex but for `name`, which is constant.
class Collector::Topic {
 public:
  explicit Topic(std::string n) : name(std::move(n)) {}
  const std::string name;
  std::vector<Waiting> waiting;
  bool in_flight = false;  // events are in the log's queue
};

class Collector::Meters {
 public:
  explicit Meters(MetricRegistry& metrics)
      : events_(metrics.Counter("steelthread_ingest_events_total", "Events made durable.")),
        bytes_(metrics.Counter("steelthread_ingest_bytes_total", "Their payload.")),
        in_flight_(metrics.Gauge("steelthread_ingest_in_flight_bytes",
                                 "Events that are not answered yet, with what they need.")),
        seconds_(metrics.Distribution("steelthread_ingest_seconds",
                                      "From an event's arrival to its durability.", Bounds())),
        shed_(Rejected(metrics, "overload")),
        log_unavailable_(Rejected(metrics, "log_unavailable")),
        unknown_(Rejected(metrics, "outcome_unknown")),
        other_(Rejected(metrics, "other")),
        in_flight_keys_(Rejected(metrics, "key_in_flight")),
        reused_keys_(Rejected(metrics, "key_reused")),
        repeats_(metrics.Counter("steelthread_ingest_repeats_total",
                                 "Answered from the log by their idempotency key.")) {}

  void InFlight(std::uint64_t bytes) { in_flight_.Set(static_cast<std::int64_t>(bytes)); }
  void Shed() { shed_.Add(); }
  void Refused(ErrorCode code, std::size_t events) {
    Metric& meter = code == ErrorCode::kUnavailable      ? log_unavailable_
                    : code == ErrorCode::kOutcomeUnknown ? unknown_
                                                         : other_;
    meter.Add(static_cast<std::int64_t>(events));
  }
  // Counts the outcome of an event whose key could not be claimed.
  void Repeat(const Result<Outcome>& outcome) {
    outcome                                               ? repeats_.Add()
    : outcome.error().code() == ErrorCode::kConflict      ? in_flight_keys_.Add()
    : outcome.error().code() == ErrorCode::kAlreadyExists ? reused_keys_.Add()
                                                          : other_.Add();
  }
  void Stored(const std::vector<Waiting>& events, std::int64_t now_us) {
    constexpr double kUsASecond = 1e6;
    std::uint64_t bytes = 0;
    for (const auto& event : events) {
      bytes += event.event.value.size();
      seconds_.Observe(static_cast<double>(now_us - event.began_us) / kUsASecond);
    }
    events_.Add(static_cast<std::int64_t>(events.size()));
    bytes_.Add(static_cast<std::int64_t>(bytes));
  }

 private:
  static std::vector<double> Bounds() {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  }
  static Metric& Rejected(MetricRegistry& metrics, std::string_view reason) {
    return metrics.Counter("steelthread_ingest_rejected_total", "Events answered with an error.",
                           fmt::format("reason=\"{}\"", reason));
  }

  Metric& events_;
  Metric& bytes_;
  Metric& in_flight_;
  Histogram& seconds_;
  Metric& shed_;
  Metric& log_unavailable_;
  Metric& unknown_;
  Metric& other_;
  Metric& in_flight_keys_;
  Metric& reused_keys_;
  Metric& repeats_;
};

Collector::Collector(const os::Env& env, log::Log& log, CollectorOptions options)
    : log_(log),
      clock_(env.clock),
      options_(options),
      meters_(env.metrics == nullptr ? nullptr : std::make_unique<Meters>(*env.metrics)) {}

Collector::~Collector() = default;

Collector::Topic& Collector::Open(const std::string& name) {
  MutexLock lock(mu_);
  auto& slot = topics_[name];
  if (!slot) slot = std::make_unique<Topic>(name);
  return *slot;
}

Result<Outcome> Collector::Repeated(const idempotency::KeyStore::Place& place,
                                    const idempotency::Remembered& asked) {
  ST_TRY(auto then, options_.answers->Read(place, asked.scoped_key()));
  if (then.request != asked.request) {
    return OfAnotherRequest(asked);
  }
  return Outcome{.position = options_.answers->PositionOf(place),
                 .repeated = std::move(then.answer)};
}

Result<Collector::Claim> Collector::ClaimKey(const idempotency::Remembered& asked) {
  if (options_.answers == nullptr || asked.answer.body.size() > idempotency::kMaxAnswerBodyBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                "no answer of {} bytes can be remembered; {} are allowed", asked.answer.body.size(),
                options_.answers == nullptr ? 0 : idempotency::kMaxAnswerBodyBytes);
  }
  ST_TRY(const auto claim, options_.answers->BeginInMemory(asked.scoped_key(), asked.request));
  if (claim.verdict == Verdict::kInFlight) {
    return Fail(ErrorCode::kConflict,
                "the first request with the idempotency key \"{}\" is not answered yet", asked.key);
  }
  if (claim.verdict == Verdict::kOtherRequest) return OfAnotherRequest(asked);
  return claim;
}

Result<std::optional<Outcome>> Collector::LookUp(const Claim& claim,
                                                 const idempotency::Remembered& asked) {
  Claim known = claim;
  if (known.verdict == Verdict::kUnsure) {
    ST_TRY(known, options_.answers->Resolve(asked.scoped_key(), asked.request));
  }
  if (known.verdict == Verdict::kNew) return std::optional<Outcome>();
  ST_TRY(auto outcome, Repeated(*known.place, asked));
  return outcome;
}

void Collector::Recall(idempotency::Remembered asked, Recalled done) {
  const auto claim = ClaimKey(asked);
  if (!claim) return done(std::unexpected(claim.error()));
  if (claim->verdict == Verdict::kNew) {
    Abandon(asked);
    return done(std::optional<Outcome>());
  }
  const std::uint64_t bytes = RememberedBytes(asked) + kEventOverheadBytes;
  if (const auto reserved = ReserveBytes(bytes); !reserved) {
    if (claim->verdict == Verdict::kUnsure) Abandon(asked);
    return done(std::unexpected(reserved.error()));
  }
  lookups_.Post(
      [this, bytes, claim = *claim, asked = std::move(asked), done = std::move(done)]() mutable {
        const auto known = LookUp(claim, asked);
        if (known && !*known) Abandon(asked);
        FreeBytes(bytes);
        done(known);
      });
}

void Collector::Abandon(const idempotency::Remembered& asked) {
  options_.answers->Abandon(asked.scoped_key());
}

void Collector::Answer(Waiting& event, const Result<Outcome>& outcome) {
  if (meters_) meters_->Repeat(outcome);
  event.done(outcome);
}

void Collector::Collect(Topic& topic, NewEvent event, Collected done) {
  Waiting waiting{
      std::move(event), clock_.NowUs() / 1000, clock_.MonotonicUs(), std::move(done), {}, false};
  if (!waiting.event.remembered) return Queue(topic, std::move(waiting));
  const auto claim = ClaimKey(*waiting.event.remembered);
  if (!claim) return Answer(waiting, std::unexpected(claim.error()));
  if (claim->verdict == Verdict::kNew) return Queue(topic, std::move(waiting));
  if (const auto reserved = ReserveBytes(waiting.bytes()); !reserved) {
    if (claim->verdict == Verdict::kUnsure) Abandon(*waiting.event.remembered);
    return Shed(waiting, reserved.error());
  }
  waiting.is_counted = true;
  lookups_.Post([this, &topic, claim = *claim, waiting = std::move(waiting)]() mutable {
    LookUpEvent(topic, claim, std::move(waiting));
  });
}

void Collector::LookUpEvent(Topic& topic, const Claim& claim, Waiting event) {
  auto known = LookUp(claim, *event.event.remembered);
  if (known && !*known) return Queue(topic, std::move(event));
  FreeBytes(event.bytes());
  if (!known) return Answer(event, std::unexpected(known.error()));
  Answer(event, std::move(**known));
}

Status Collector::ReserveLocked(std::uint64_t bytes) {
  // A single event is accepted whatever its size; otherwise a small limit would refuse it for ever.
  const std::uint64_t after = in_flight_bytes_ + bytes;
  if (in_flight_bytes_ != 0 && after > options_.max_in_flight_bytes) {
    return Fail(ErrorCode::kUnavailable,
                "{} bytes of events wait to be stored, {} are allowed; retry later",
                in_flight_bytes_, options_.max_in_flight_bytes);
  }
  in_flight_bytes_ = after;
  if (meters_) meters_->InFlight(in_flight_bytes_);
  return {};
}

Status Collector::ReserveBytes(std::uint64_t bytes) {
  MutexLock lock(mu_);
  return ReserveLocked(bytes);
}

void Collector::FreeBytes(std::uint64_t bytes) {
  MutexLock lock(mu_);
  in_flight_bytes_ -= bytes;
  if (meters_) meters_->InFlight(in_flight_bytes_);
}

void Collector::Shed(Waiting& event, const Error& error) {
  if (meters_) meters_->Shed();
  event.done(std::unexpected(error));
}

Result<bool> Collector::Admit(Topic& topic, Waiting& event) {
  MutexLock lock(mu_);
  if (!event.is_counted) ST_TRY_STATUS(ReserveLocked(event.bytes()));
  event.is_counted = true;
  topic.waiting.push_back(std::move(event));
  return !std::exchange(topic.in_flight, true);
}

void Collector::Queue(Topic& topic, Waiting event) {
  if (event.event.remembered) event.headers = idempotency::RecordHeaders(*event.event.remembered);
  const auto is_first = Admit(topic, event);
  if (is_first) {
    if (*is_first) SendNext(topic);
    return;
  }
  if (event.event.remembered) Abandon(*event.event.remembered);
  Shed(event, is_first.error());
}

namespace {

// The error for events whose topic could not be created. The outcome of the creation may be
// unknown, but the events are not stored. A log without room for topics is unavailable to the
// client.
Error WithoutTopic(const Error& why) {
  if (why.code() == ErrorCode::kOutcomeUnknown) return {ErrorCode::kIo, why.message()};
  if (why.code() == ErrorCode::kUnsupported) return {ErrorCode::kUnavailable, why.message()};
  return why;
}

}  // namespace

std::vector<Collector::Waiting> Collector::TakeWaiting(Topic& topic) {
  std::vector<Waiting> events;
  MutexLock lock(mu_);
  if (topic.waiting.empty()) topic.in_flight = false;
  std::uint64_t bytes = 0;
  std::size_t n = 0;
  while (n < topic.waiting.size() && (n == 0 || bytes < kMaxBatchBytes)) {
    bytes += topic.waiting[n++].event.bytes();
  }
  if (n == topic.waiting.size()) {
    events.swap(topic.waiting);
  } else {
    const auto end = topic.waiting.begin() + static_cast<std::ptrdiff_t>(n);
    events.assign(std::make_move_iterator(topic.waiting.begin()), std::make_move_iterator(end));
    topic.waiting.erase(topic.waiting.begin(), end);
  }
  return events;
}

void Collector::SendNext(Topic& topic) {
  auto events = TakeWaiting(topic);
  if (events.empty()) return;
  if (const auto found = log_.FindTopic(topic.name)) {
    return Send(topic, *found, std::move(events));
  }
  auto shared = std::make_shared<std::vector<Waiting>>(std::move(events));
  log_.CreateTopicAsync({.name = topic.name}, log::kFromThisServer,
                        [this, &topic, shared](Result<log::TopicInfo> made) {
                          const auto found =
                              made ? std::optional(*made) : log_.FindTopic(topic.name);
                          if (found) return Send(topic, *found, std::move(*shared));
                          Refuse(*shared, WithoutTopic(made.error()));
                          SendNext(topic);
                        });
}

void Collector::Send(Topic& topic, const log::TopicInfo& info, std::vector<Waiting> events) {
  std::map<TopicPartition, std::vector<Waiting>> batches;
  if (info.partitions == 1) {
    batches.emplace(log::PartitionOfEvent(info, std::nullopt), std::move(events));
  } else {
    for (auto& event : events) {
      batches[log::PartitionOfEvent(info, event.event.key)].push_back(std::move(event));
    }
  }
  // The next events follow once all of these are settled, so that each partition keeps its order.
  auto left = std::make_shared<std::atomic<std::size_t>>(batches.size());
  for (auto& [to, of_partition] : batches) {
    Append(topic, to, std::move(of_partition), [this, &topic, left] {
      if (--*left == 0) SendNext(topic);
    });
  }
}

void Collector::Append(const Topic& topic, TopicPartition to, std::vector<Waiting> events,
                       std::function<void()> settled) {
  std::vector<record::NewRecord> records;
  records.reserve(events.size());
  for (const auto& waiting : events) {
    auto& record = records.emplace_back();
    if (waiting.event.key) record.key = *waiting.event.key;
    record.value = waiting.event.value;
    record.timestamp_ms = waiting.time_ms;
    for (const auto& [name, text] : waiting.headers) record.headers.emplace_back(name, text);
  }
  std::string batch = record::BuildBatch(records);
  auto shared = std::make_shared<std::vector<Waiting>>(std::move(events));
  log_.Append(to, std::move(batch), log::kFromThisServer,
              [this, &topic, to, shared,
               settled = std::move(settled)](const Result<log::AppendResult>& result) {
                result ? Accept(topic, to, *shared, result->base_offset)
                       : Refuse(*shared, result.error());
                settled();
              });
}

// Runs before the events are answered.
void Collector::Remember(Offset base, TopicPartition to, const std::vector<Waiting>& events) {
  std::int64_t index = 0;
  for (const auto& waiting : events) {
    const idempotency::KeyStore::Place place{.partition = to, .offset = base + index++};
    if (!waiting.event.remembered) continue;
    options_.answers->Finish(waiting.event.remembered->scoped_key(), place, waiting.time_ms);
  }
}

namespace {

template <typename Events>
std::uint64_t BytesOf(const Events& events) {
  std::uint64_t bytes = 0;
  for (const auto& event : events) bytes += event.bytes();
  return bytes;
}

}  // namespace

void Collector::Refuse(std::vector<Waiting>& events, const Error& error) {
  // A key whose outcome is unknown stays claimed: the next opening of the log decides it.
  if (error.code() != ErrorCode::kOutcomeUnknown) {
    for (const auto& event : events) {
      if (event.event.remembered) Abandon(*event.event.remembered);
    }
  }
  // Before the answers, so that a client that got one finds room for its next event.
  FreeBytes(BytesOf(events));
  if (meters_) meters_->Refused(error.code(), events.size());
  for (auto& event : events) event.done(std::unexpected(error));
}

void Collector::Accept(const Topic& topic, TopicPartition to, std::vector<Waiting>& events,
                       Offset base) {
  Remember(base, to, events);
  FreeBytes(BytesOf(events));  // before the answers, as above
  if (meters_) meters_->Stored(events, clock_.MonotonicUs());
  std::int64_t index = 0;
  for (auto& event : events) {
    event.done(Outcome{
        .position = {.topic = topic.name, .partition = to.partition, .offset = base + index++}});
  }
}

}  // namespace st::collect
