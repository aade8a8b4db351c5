#include "query/engine.h"

#include <algorithm>
#include <ctime>

#include "query/catalog_statements.h"
#include "query/open_statement.h"
#include "query/shares.h"
#include "query/worker_runner.h"

namespace st::query {
namespace {

constexpr std::string_view kCanceled = "Query was canceled";

EngineOptions Completed(EngineOptions options, os::Clock& clock) {
  if (!options.make_runner) options.make_runner = MakeWorkerRunner(clock, options);
  return options;
}

statement::Failure Abandoned() {
  return {.name = "ABANDONED_QUERY", .message = "Query was abandoned", .location = {}};
}

void Deliver(const OpenStatement::Delivery& delivery) {
  for (const auto& done : delivery.to) done(FetchOutcome::kAnswer, delivery.answer);
}

}  // namespace

Engine::Engine(const os::Env& env, const lake::Catalog& lake, EngineOptions options)
    : lake_(lake), env_(env), options_(Completed(std::move(options), env.clock)) {
  CollectMetrics();
  for (int i = 0; i < options_.max_running; ++i) {
    pool_.emplace_back(fmt::format("query-{}", i), [this] { PoolLoop(); });
  }
  sweeper_ = os::Thread("query-sweep", [this] { SweepLoop(); });
}

Engine::~Engine() { Stop(); }

Ticket Engine::NewTicket() {
  // The id has Trino's form: a time, a count and a suffix that tells servers apart.
  const std::time_t now = env_.clock.NowUs() / 1'000'000;
  std::tm utc{};
  gmtime_r(&now, &utc);
  const std::string id = fmt::format(
      "{:04}{:02}{:02}_{:02}{:02}{:02}_{:05}_{:05x}", utc.tm_year + 1900, utc.tm_mon + 1,
      utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ++count_, env_.random.Next() & 0xFFFFF);
  return {.id = id, .slug = fmt::format("y{:016x}{:016x}", env_.random.Next(), env_.random.Next())};
}

// True if a client has waited longer than kWantedUs for a queued statement to run.
bool Engine::IsTurnWanted(std::int64_t now_us) const {
  return std::ranges::any_of(queue_, [&](const auto& statement) {
    return !statement->is_over() && statement->is_followed() && !statement->MayYield(now_us) &&
           now_us >= statement->submitted_us() + kWantedUs;
  });
}

AnswerPtr Engine::Submit(StatementRequest request, Ticket& ticket) {
  // The statement is parsed, and answered if it needs no worker, before the lock is taken.
  const auto parsed = ParseStatement(request.sql);
  std::optional<StatementResult<CatalogAnswer>> from_catalog;
  if (!parsed) {
    from_catalog = std::unexpected(parsed.error());
  } else if (parsed->kind != StatementKind::kSelect) {
    from_catalog = AnswerFromCatalog(*parsed, request.session, lake_);
  }
  if (env_.metrics != nullptr) {
    env_.metrics->Counter("steelthread_statements_total", "SQL statements taken.").Add();
  }
  const MutexLock lock(mu_);
  const std::int64_t now = env_.clock.MonotonicUs();
  ticket = NewTicket();
  auto statement = std::make_shared<OpenStatement>(ticket, std::move(request), now);
  if (is_stopping_) {
    return Refuse(*statement, "SERVER_SHUTTING_DOWN", "the server is stopping", kStopping);
  }
  if (const Share* share = ShareWithoutRoom(*statement, !from_catalog, now)) {
    return Refuse(*statement, "QUERY_QUEUE_FULL", share->Describe(), share->reason);
  }
  ForgetOldest();
  statements_[ticket.id] = statement;
  const AnswerPtr first = statement->First();
  if (!from_catalog) {
    queue_.push_back(statement);
  } else if (!*from_catalog) {
    statement->Fail(from_catalog->error(), now);
  } else {
    auto& answer = **from_catalog;
    statement->SetUse(answer.update_type, answer.set_catalog, answer.set_schema);
    statement->SetColumns(std::move(answer.columns));
    statement->AddPage(std::move(answer.page));
    statement->Finish(now);
  }
  sweep_.NotifyOne();
  return first;
}

Engine::StatementPtr Engine::Find(const Ticket& ticket) {
  const auto found = statements_.find(ticket.id);
  if (found == statements_.end() || found->second->ticket().slug != ticket.slug) return nullptr;
  return found->second;
}

void Engine::Fetch(const Ticket& ticket, std::int64_t token, FetchCallback done) {
  OpenStatement::Polled polled{FetchOutcome::kUnknown, nullptr};
  {
    const MutexLock lock(mu_);
    if (const auto statement = Find(ticket)) {
      const bool is_first = !statement->is_followed();
      polled = statement->Poll(token, env_.clock.MonotonicUs(), done);
      if (is_first) queued_.NotifyOne();
      changed_.NotifyAll();  // a fetched page makes room for another
    }
  }
  // The statement keeps `done` for a later answer.
  if (polled.outcome == FetchOutcome::kAnswer && !polled.answer) return;
  done(polled.outcome, polled.answer);
}

bool Engine::Cancel(const Ticket& ticket) {
  StatementPtr statement;
  {
    const MutexLock lock(mu_);
    statement = Find(ticket);
  }
  if (!statement) return false;
  Update(*statement, [&](std::int64_t now) {
    statement->Cancel({.name = "USER_CANCELED", .message = std::string(kCanceled)}, now);
  });
  return true;
}

std::optional<std::string> Engine::StateOf(const std::string& id) {
  const MutexLock lock(mu_);
  const auto found = statements_.find(id);
  if (found == statements_.end()) return std::nullopt;
  return found->second->state();
}

void Engine::Update(OpenStatement& statement,
                    const std::function<void(std::int64_t now_us)>& change) {
  OpenStatement::Delivery delivery;
  {
    const MutexLock lock(mu_);
    const std::int64_t now = env_.clock.MonotonicUs();
    change(now);
    delivery = statement.TakeDelivery(now);
    changed_.NotifyAll();
    sweep_.NotifyOne();
  }
  Deliver(delivery);
}

void Engine::Sweep() {
  std::vector<OpenStatement::Delivery> deliveries;
  {
    const MutexLock lock(mu_);
    const std::int64_t now = env_.clock.MonotonicUs();
    const bool is_wanted = IsTurnWanted(now);
    for (auto& [id, statement] : statements_) {
      if (statement->is_queued() &&
          now >= statement->submitted_us() + options_.statement_timeout_us) {
        statement->Fail({.name = "EXCEEDED_TIME_LIMIT",
                         .message = fmt::format("Query waited {} s for its turn",
                                                options_.statement_timeout_us / 1'000'000)},
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

// Cancels the runners of statements that are over. It holds no lock, since the worker's socket may
// block; `is_cancelling` keeps a runner from taking another statement meanwhile.
void Engine::CancelRunners() {
  std::vector<StatementPtr> doomed;
  {
    const MutexLock lock(mu_);
    const std::int64_t now = env_.clock.MonotonicUs();
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

void Engine::SweepLoop() {
  while (true) {
    {
      const MutexLock lock(mu_);
      while (statements_.empty() && !is_stopping_) sweep_.Wait(mu_);
      if (is_stopping_) {
        const bool is_running = std::ranges::any_of(
            statements_, [](const auto& entry) { return entry.second->runner != nullptr; });
        if (!is_running) return;
      }
      sweep_.WaitFor(mu_, std::chrono::microseconds(kTickUs));
    }
    Sweep();
  }
}

void Engine::Stop() {
  std::vector<OpenStatement::Delivery> deliveries;
  {
    const MutexLock lock(mu_);
    is_stopping_ = true;
    const std::int64_t now = env_.clock.MonotonicUs();
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
  for (auto& thread : pool_) thread.Join();
  sweeper_.Join();
}

}  // namespace st::query
