#include "query/statement_registry.h"

#include <algorithm>
#include <chrono>

#include "query/limits.h"

namespace st::query {
namespace {

statement::Failure Abandoned() {
  return {.name = "ABANDONED_QUERY", .message = "Query was abandoned", .location = {}};
}

void Deliver(const OpenStatement::Delivery& delivery) {
  for (const auto& done : delivery.to) done(FetchOutcome::kAnswer, delivery.answer);
}

}  // namespace

StatementRegistry::StatementRegistry(os::Clock& clock, const EngineOptions& options)
    : clock_(clock),
      statement_timeout_us_(options.statement_timeout_us),
      turns_(options.max_running_of_address) {}

std::optional<Refusal> StatementRegistry::Open(const StatementPtr& statement, bool for_worker) {
  const MutexLock lock(mu_);
  if (is_closed_) return Refusal{"SERVER_SHUTTING_DOWN", "the server is stopping", kStopping};
  if (const Share* share = ShareWithoutRoom(*statement, for_worker, clock_.MonotonicUs())) {
    return Refusal{"QUERY_QUEUE_FULL", share->Describe(), share->reason};
  }
  ForgetOldest();
  statements_[statement->ticket().id] = statement;
  if (for_worker) queue_.push_back(statement);
  sweep_.NotifyOne();
  return std::nullopt;
}

StatementPtr StatementRegistry::Find(const Ticket& ticket) const {
  const auto found = statements_.find(ticket.id);
  if (found == statements_.end() || found->second->ticket().slug != ticket.slug) return nullptr;
  return found->second;
}

void StatementRegistry::Poll(const Ticket& ticket, std::int64_t token, FetchCallback done) {
  OpenStatement::Polled polled{FetchOutcome::kUnknown, nullptr};
  {
    const MutexLock lock(mu_);
    if (const auto statement = Find(ticket)) {
      const bool is_first = !statement->is_followed();
      polled = statement->Poll(token, clock_.MonotonicUs(), done);
      if (is_first) queued_.NotifyOne();
      changed_.NotifyAll();  // a fetched page makes room for another
    }
  }
  // The statement keeps `done` for a later answer.
  if (polled.outcome == FetchOutcome::kAnswer && !polled.answer) return;
  done(polled.outcome, polled.answer);
}

bool StatementRegistry::Cancel(const Ticket& ticket, const statement::Failure& failure) {
  StatementPtr statement;
  {
    const MutexLock lock(mu_);
    statement = Find(ticket);
  }
  if (!statement) return false;
  Update(*statement, [&](std::int64_t now) { statement->Cancel(failure, now); });
  return true;
}

std::optional<std::string> StatementRegistry::StateOf(const std::string& id) {
  const MutexLock lock(mu_);
  const auto found = statements_.find(id);
  if (found == statements_.end()) return std::nullopt;
  return found->second->state();
}

StatementCounts StatementRegistry::Count() {
  const MutexLock lock(mu_);
  StatementCounts counts{.queued = queue_.size()};
  for (const auto& [id, statement] : statements_) {
    counts.open += statement->holds_place() ? 1 : 0;
    counts.running += statement->runner != nullptr ? 1 : 0;
  }
  return counts;
}

void StatementRegistry::Update(OpenStatement& statement,
                               const std::function<void(std::int64_t now_us)>& change) {
  OpenStatement::Delivery delivery;
  {
    const MutexLock lock(mu_);
    const std::int64_t now = clock_.MonotonicUs();
    change(now);
    delivery = statement.TakeDelivery(now);
    changed_.NotifyAll();
    sweep_.NotifyOne();
  }
  Deliver(delivery);
}

void StatementRegistry::Close() {
  std::vector<OpenStatement::Delivery> deliveries;
  {
    const MutexLock lock(mu_);
    is_closed_ = true;
    const std::int64_t now = clock_.MonotonicUs();
    for (auto& [id, statement] : statements_) {
      statement->Fail({.name = "SERVER_SHUTTING_DOWN", .message = "the server is stopping"}, now);
      deliveries.push_back(statement->TakeDelivery(now));
    }
    queue_.clear();
    queued_.NotifyAll();
    changed_.NotifyAll();
    sweep_.NotifyAll();
  }
  for (const auto& delivery : deliveries) Deliver(delivery);
}

std::optional<StatementPtr> StatementRegistry::TakeTurn(std::int64_t wait_us) {
  const MutexLock lock(mu_);
  while (!is_closed_) {
    if (auto statement = TakeFromQueue()) {
      statement->Start(clock_.MonotonicUs());
      statement->is_starting = true;
      return statement;
    }
    if (!queued_.WaitFor(mu_, std::chrono::microseconds(wait_us)) && queue_.empty()) {
      return StatementPtr();
    }
  }
  return std::nullopt;
}

void StatementRegistry::SetRunner(OpenStatement& statement, std::shared_ptr<Runner> runner) {
  const MutexLock lock(mu_);
  statement.runner = std::move(runner);
  statement.is_starting = false;
}

bool StatementRegistry::WaitForRoom(const OpenStatement& statement) {
  const MutexLock lock(mu_);
  while (!statement.is_over() && !statement.has_room()) {
    if (clock_.MonotonicUs() >= statement.started_us() + statement_timeout_us_) break;
    changed_.WaitFor(mu_, std::chrono::microseconds(kTickUs));
  }
  return !statement.is_over();
}

void StatementRegistry::EndRun(OpenStatement& statement) {
  const MutexLock lock(mu_);
  while (statement.is_cancelling) changed_.Wait(mu_);
  statement.runner = nullptr;
  queued_.NotifyAll();  // the same client's next statement may wait for this
  sweep_.NotifyOne();
}

StatementPtr StatementRegistry::TakeFromQueue() {
  std::erase_if(queue_, [](const auto& statement) { return statement->is_over(); });
  std::vector<StatementPtr> running;
  for (const auto& [id, statement] : statements_) {
    if (statement->runner != nullptr || statement->is_starting) running.push_back(statement);
  }
  const auto chosen = turns_.Choose(queue_, running);
  if (chosen != nullptr) std::erase(queue_, chosen);
  return chosen;
}

bool StatementRegistry::IsFull(const Share& share, const OpenStatement& statement) const {
  const auto count = std::ranges::count_if(
      statements_, [&](const auto& entry) { return share.Covers(statement, *entry.second); });
  return static_cast<std::size_t>(count) >= share.limit;
}

void StatementRegistry::MakeRoom(const Share& share, const OpenStatement& statement,
                                 std::int64_t now_us) {
  for (auto& [id, other] : statements_) {
    if (share.Covers(statement, *other) && other->MayYield(now_us)) {
      other->Cancel(Abandoned(), now_us);
    }
  }
  std::erase_if(statements_, [&](const auto& entry) {
    return !entry.second->holds_place() && entry.second->MayYield(now_us) &&
           entry.second->runner == nullptr;
  });
  std::erase_if(queue_, [](const auto& queued) { return queued->is_over(); });
  changed_.NotifyAll();
}

const Share* StatementRegistry::ShareWithoutRoom(const OpenStatement& statement, bool for_worker,
                                                 std::int64_t now_us) {
  for (const Share& share : kShares) {
    if (share.is_of_queued && !for_worker) continue;
    if (!IsFull(share, statement)) continue;
    MakeRoom(share, statement, now_us);
    if (IsFull(share, statement)) return &share;
  }
  return nullptr;
}

// Ids grow with time, so the first ones are the oldest.
void StatementRegistry::ForgetOldest() {
  const auto is_done = [](const auto& entry) {
    return !entry.second->holds_place() && entry.second->runner == nullptr;
  };
  auto excess = static_cast<std::size_t>(std::ranges::count_if(statements_, is_done));
  for (auto at = statements_.begin();
       excess > kMaxRememberedStatements && at != statements_.end();) {
    if (!is_done(*at)) {
      ++at;
      continue;
    }
    at = statements_.erase(at);
    --excess;
  }
}

bool StatementRegistry::IsTurnWanted(std::int64_t now_us) const {
  return std::ranges::any_of(queue_, [&](const auto& statement) {
    return !statement->is_over() && statement->is_followed() && !statement->MayYield(now_us) &&
           now_us >= statement->submitted_us() + kWantedUs;
  });
}

bool StatementRegistry::WaitForSweep() {
  const MutexLock lock(mu_);
  while (statements_.empty() && !is_closed_) sweep_.Wait(mu_);
  if (is_closed_) {
    const bool is_running = std::ranges::any_of(
        statements_, [](const auto& entry) { return entry.second->runner != nullptr; });
    if (!is_running) return false;
  }
  sweep_.WaitFor(mu_, std::chrono::microseconds(kTickUs));
  return true;
}

void StatementRegistry::Sweep() {
  std::vector<OpenStatement::Delivery> deliveries;
  {
    const MutexLock lock(mu_);
    const std::int64_t now = clock_.MonotonicUs();
    const bool is_wanted = IsTurnWanted(now);
    for (auto& [id, statement] : statements_) {
      if (statement->is_queued() && now >= statement->submitted_us() + statement_timeout_us_) {
        statement->Fail({.name = "EXCEEDED_TIME_LIMIT",
                         .message = fmt::format("Query waited {} s for its turn",
                                                statement_timeout_us_ / 1'000'000)},
                        now);
      }
      deliveries.push_back(statement->TakeDelivery(now));
      const bool gives_way = is_wanted && statement->runner && statement->MayYield(now);
      if (gives_way || statement->IsDropped(now)) statement->Cancel(Abandoned(), now);
    }
    std::erase_if(statements_, [&](const auto& entry) {
      return entry.second->IsDropped(now) && !entry.second->runner;
    });
    std::erase_if(queue_, [](const auto& statement) { return statement->is_over(); });
    changed_.NotifyAll();
  }
  for (const auto& delivery : deliveries) Deliver(delivery);
  CancelRunners();
}

// Cancels without the lock, since the worker's socket may block; `is_cancelling` keeps a runner
// from taking another statement meanwhile.
void StatementRegistry::CancelRunners() {
  std::vector<StatementPtr> doomed;
  {
    const MutexLock lock(mu_);
    const std::int64_t now = clock_.MonotonicUs();
    for (auto& [id, statement] : statements_) {
      const bool is_due =
          statement->cancelled_us == 0 || now >= statement->cancelled_us + kCancelAgainUs;
      if (statement->runner == nullptr || !statement->is_over() || !is_due) continue;
      statement->cancelled_us = now;
      statement->is_cancelling = true;
      doomed.push_back(statement);
    }
  }
  for (const auto& statement : doomed) statement->runner->Cancel();
  const MutexLock lock(mu_);
  for (const auto& statement : doomed) statement->is_cancelling = false;
  changed_.NotifyAll();
}

}  // namespace st::query
