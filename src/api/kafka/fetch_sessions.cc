#include "api/kafka/fetch_sessions.h"

#include <limits>
#include <utility>

#include "api/kafka/limits.h"
#include "format/kafka/limits.h"

namespace st::api {

using kafka::ErrorCode;

// What the fetches of one session share; one without a session has one of its own. A session that
// ends leaves it to the fetch that uses it.
struct FetchSessions::State {
  explicit State(std::shared_ptr<FetchSession> of) : partitions(std::move(of)) {}
  Mutex mu;
  std::shared_ptr<FetchSession> partitions ST_GUARDED_BY(mu);
  std::int32_t epoch ST_GUARDED_BY(mu) = 0;  // of the next fetch
  // A fetch that was not released has the partitions.
  bool is_polled ST_GUARDED_BY(mu) = true;
};

namespace {

FetchSessions::Fetch Refusal(ErrorCode error) { return {.partitions = nullptr, .error = error}; }

// A fetch that is not of a session.
FetchSessions::Fetch FetchAlone(const kafka::FetchRequest& request, bool by_id) {
  auto partitions = std::make_shared<FetchSession>(by_id);
  partitions->Update(request.partitions);
  return {.partitions = partitions, .state = std::make_shared<FetchSessions::State>(partitions)};
}

std::int32_t NextEpoch(std::int32_t epoch) {
  return epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1;
}

}  // namespace

FetchSessions::FetchSessions(os::Clock& clock, os::Random& random, MetricRegistry* metrics)
    : clock_(clock), random_(random) {
  if (metrics == nullptr) return;
  shown_sessions_ = &metrics->Gauge("steelthread_kafka_fetch_sessions",
                                    "Sessions of fetches that Kafka clients have.");
  shown_bytes_ = &metrics->Gauge("steelthread_kafka_fetch_session_bytes",
                                 "Memory of all sessions of fetches.");
  evicted_ = &metrics->Counter("steelthread_kafka_fetch_sessions_evicted_total",
                               "Sessions of fetches that ended because others needed their place.");
  refused_ = &metrics->Counter("steelthread_kafka_fetch_sessions_refused_total",
                               "Fetches that got no session because there was no place for one.");
}

FetchSessions::Size FetchSessions::SizeOf(const FetchSession& partitions) {
  return {.bytes = partitions.bytes(), .partitions = partitions.parts().size()};
}

FetchSessions::Fetch FetchSessions::Take(const kafka::FetchRequest& request, bool by_id) {
  const bool is_final = request.session_epoch == kafka::kFinalFetchEpoch;
  if (!is_final && request.session_epoch != kafka::kFirstFetchEpoch) {
    return Continue(request, by_id);
  }
  End(request.session);
  auto fetch = FetchAlone(request, by_id);
  fetch.may_begin = !is_final;
  return fetch;
}

FetchSessions::Fetch FetchSessions::Continue(const kafka::FetchRequest& request, bool by_id) {
  const auto state = StateOf(request.session);
  if (!state) return Refusal(ErrorCode::kFetchSessionIdNotFound);
  MutexLock lock(state->mu);
  if (state->epoch != request.session_epoch) return Refusal(ErrorCode::kInvalidFetchSessionEpoch);
  if (state->partitions->by_id() != by_id) return Refusal(ErrorCode::kFetchSessionTopicIdError);
  // From here on the fetch before is not current, so whoever copies the partitions has them alone.
  state->epoch = NextEpoch(state->epoch);
  if (state->is_polled) state->partitions = state->partitions->Copy();
  state->is_polled = true;
  state->partitions->Update(request.partitions, request.forgotten);
  const Size size = SizeOf(*state->partitions);
  if (size.partitions == 0) {  // the session ends, and the fetch is about what it names itself
    End(request.session);
    return FetchAlone(request, by_id);
  }
  if (!Use(request.session, state, size)) return Refusal(ErrorCode::kFetchSessionIdNotFound);
  return {.partitions = state->partitions,
          .session = request.session,
          .epoch = state->epoch,
          .state = state};
}

std::shared_ptr<FetchSessions::State> FetchSessions::StateOf(std::int32_t id) const {
  MutexLock lock(mu_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.state;
}

bool FetchSessions::Use(std::int32_t id, const std::shared_ptr<State>& state, Size size) {
  MutexLock lock(mu_);
  const auto session = sessions_.find(id);
  if (session == sessions_.end() || session->second.state != state) return true;
  Withdraw(session);
  Enter(session, size);
  if (size.partitions <= kafka::kMaxRequestPartitions && HasBytes(session->second.client, 0)) {
    return true;
  }
  Evict(session);
  return false;
}

void FetchSessions::End(std::int32_t id) {
  MutexLock lock(mu_);
  if (const auto session = sessions_.find(id); session != sessions_.end()) Remove(session);
}

void FetchSessions::FindTopics(const Fetch& fetch, const log::Log& log) {
  MutexLock lock(fetch.state->mu);
  if (fetch.state->epoch == fetch.epoch) fetch.state->partitions->FindTopics(log);
}

bool FetchSessions::IsCurrent(const Fetch& fetch) {
  MutexLock lock(fetch.state->mu);
  return fetch.state->epoch == fetch.epoch;
}

bool FetchSessions::Finish(Fetch& fetch, std::vector<kafka::FetchedPartition>& parts,
                           const std::string& client) {
  const auto& state = fetch.state;
  MutexLock lock(state->mu);
  if (state->epoch != fetch.epoch) return false;
  state->partitions->Tell(parts, fetch.session != kafka::kNoFetchSession);
  if (!fetch.may_begin) return true;
  fetch.epoch = state->epoch = NextEpoch(kafka::kFirstFetchEpoch);
  fetch.session = Begin(state, SizeOf(*state->partitions), client);
  return true;
}

void FetchSessions::Release(Fetch& fetch) {
  const auto state = std::exchange(fetch.state, nullptr);
  const auto partitions = std::exchange(fetch.partitions, nullptr);
  if (!state) return;
  MutexLock lock(state->mu);
  if (state->partitions == partitions) state->is_polled = false;
}

std::int32_t FetchSessions::Begin(const std::shared_ptr<State>& state, Size size,
                                  const std::string& client) {
  MutexLock lock(mu_);
  while (!HasPlace(client) || !HasBytes(client, size.bytes)) {
    const Usage& usage = IsOverShare(client, size.bytes) ? *UsageOf(client) : in_all_;
    if (EvictIdle(usage)) continue;
    if (!HasPlace(client) && EvictSmaller(usage, size.partitions)) continue;
    if (refused_ != nullptr) refused_->Add();
    return kafka::kNoFetchSession;
  }
  const std::int32_t id = NewId();
  const auto session = sessions_.try_emplace(id).first;
  session->second = {.state = state, .client = client, .began_us = clock_.MonotonicUs()};
  Enter(session, size);
  return id;
}

// Ids are random, so that no client has another's by chance.
std::int32_t FetchSessions::NewId() {
  while (true) {
    const auto id = static_cast<std::int32_t>(random_.Next() >> 33);
    if (id != kafka::kNoFetchSession && !sessions_.contains(id)) return id;
  }
}

bool FetchSessions::Session::is_old() const { return used_us - began_us > kFetchSessionIdleUs; }

void FetchSessions::Enter(Sessions::iterator session, Size size) {
  auto& [id, one] = *session;
  one.used_us = clock_.MonotonicUs();
  one.size = size;
  for (Usage* usage : {&in_all_, &by_client_[one.client]}) {
    usage->bytes += one.size.bytes;
    usage->by_time.emplace(one.used_us, id);
    if (one.is_old()) usage->by_size.emplace(one.size.partitions, id);
  }
  Show();
}

void FetchSessions::Withdraw(Sessions::iterator session) {
  const auto& [id, one] = *session;
  for (Usage* usage : {&in_all_, &by_client_[one.client]}) {
    usage->bytes -= one.size.bytes;
    usage->by_time.erase({one.used_us, id});
    usage->by_size.erase({one.size.partitions, id});
  }
}

void FetchSessions::Remove(Sessions::iterator session) {
  Withdraw(session);
  const auto of_client = by_client_.find(session->second.client);
  if (of_client->second.by_time.empty()) by_client_.erase(of_client);
  sessions_.erase(session);
  Show();
}

std::size_t FetchSessions::size() const {
  MutexLock lock(mu_);
  return sessions_.size();
}

std::size_t FetchSessions::bytes() const {
  MutexLock lock(mu_);
  return in_all_.bytes;
}

void FetchSessions::Show() {
  if (shown_sessions_ == nullptr) return;
  shown_sessions_->Set(static_cast<std::int64_t>(sessions_.size()));
  shown_bytes_->Set(static_cast<std::int64_t>(in_all_.bytes));
}

const FetchSessions::Usage* FetchSessions::UsageOf(const std::string& client) const {
  const auto found = by_client_.find(client);
  return found == by_client_.end() ? nullptr : &found->second;
}

bool FetchSessions::HasPlace(const std::string& client) const {
  const Usage* const usage = UsageOf(client);
  return sessions_.size() < kMaxFetchSessions &&
         (usage == nullptr || usage->by_time.size() < kMaxFetchSessionsPerAddress);
}

bool FetchSessions::HasBytes(const std::string& client, std::size_t more) const {
  const Usage* const usage = UsageOf(client);
  const std::size_t of_client = usage == nullptr ? 0 : usage->bytes;
  return in_all_.bytes + more <= kMaxFetchSessionBytes &&
         of_client + more <= kMaxFetchSessionBytesPerAddress;
}

bool FetchSessions::IsOverShare(const std::string& client, std::size_t more) const {
  const Usage* const usage = UsageOf(client);
  return usage != nullptr && (usage->by_time.size() >= kMaxFetchSessionsPerAddress ||
                              usage->bytes + more > kMaxFetchSessionBytesPerAddress);
}

bool FetchSessions::EvictIdle(const Usage& usage) {
  if (usage.by_time.empty()) return false;
  const auto [used_us, id] = *usage.by_time.begin();
  if (clock_.MonotonicUs() - used_us <= kFetchSessionIdleUs) return false;
  Evict(sessions_.find(id));
  return true;
}

bool FetchSessions::EvictSmaller(const Usage& usage, std::size_t partitions) {
  if (usage.by_size.empty()) return false;
  const auto [size, id] = *usage.by_size.begin();
  if (size >= partitions) return false;
  Evict(sessions_.find(id));
  return true;
}

void FetchSessions::Evict(Sessions::iterator session) {
  if (evicted_ != nullptr) evicted_->Add();
  Remove(session);
}

}  // namespace st::api
