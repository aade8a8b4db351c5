#include "query/engine.h"

#include <ctime>

#include "query/catalog_statements.h"
#include "query/shares.h"
#include "query/worker_runner.h"

namespace st::query {
namespace {

EngineOptions Completed(EngineOptions options, os::Clock& clock) {
  if (!options.make_runner) options.make_runner = MakeWorkerRunner(clock, options);
  return options;
}

void EndWith(StatementResult<CatalogAnswer> result, OpenStatement& statement, std::int64_t now_us) {
  if (!result) return statement.Fail(result.error(), now_us);
  statement.SetUse(result->update_type, result->set_catalog, result->set_schema);
  statement.SetColumns(std::move(result->columns));
  statement.AddPage(std::move(result->page));
  statement.Finish(now_us);
}

}  // namespace

Engine::Engine(const os::Env& env, const lake::Catalog& lake, EngineOptions options)
    : lake_(lake),
      env_(env),
      options_(Completed(std::move(options), env.clock)),
      registry_(env.clock, options_),
      pool_(env.clock, lake, options_, registry_) {
  CollectMetrics();
  sweeper_ = os::Thread("query-sweep", [this] {
    while (registry_.WaitForSweep()) registry_.Sweep();
  });
}

Engine::~Engine() { Stop(); }

Ticket Engine::NewTicket() {
  // The id has Trino's form: a time, a count and a suffix that tells servers apart.
  const std::time_t now = env_.clock.NowUs() / 1'000'000;
  std::tm utc{};
  gmtime_r(&now, &utc);
  const std::string id =
      fmt::format("{:04}{:02}{:02}_{:02}{:02}{:02}_{:05}_{:05x}", utc.tm_year + 1900,
                  utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ++ticket_count_,
                  env_.random.Next() & 0xFFFFF);
  return {.id = id, .slug = fmt::format("y{:016x}{:016x}", env_.random.Next(), env_.random.Next())};
}

AnswerPtr Engine::Submit(StatementRequest request, Ticket& ticket) {
  auto parsed = ParseStatement(request.sql);
  if (const auto& properties = request.session.properties; parsed && !properties.empty()) {
    parsed = std::unexpected(statement::Failure{
        .name = "INVALID_SESSION_PROPERTY",
        .message = fmt::format("Session property '{}' does not exist", properties.begin()->first),
        .location = {}});
  }
  std::optional<StatementResult<CatalogAnswer>> from_catalog;
  if (!parsed) {
    from_catalog = std::unexpected(parsed.error());
  } else if (parsed->kind != StatementKind::kSelect) {
    from_catalog = AnswerFromCatalog(*parsed, request.session, lake_);
  }
  if (env_.metrics != nullptr) {
    env_.metrics->Counter("steelthread_statements_total", "SQL statements taken.").Add();
  }
  ticket = NewTicket();
  const std::int64_t now = env_.clock.MonotonicUs();
  const auto statement = std::make_shared<OpenStatement>(ticket, std::move(request), now);
  const AnswerPtr first = statement->First();
  const bool for_worker = !from_catalog;
  if (from_catalog) EndWith(*std::move(from_catalog), *statement, now);
  if (const auto refusal = registry_.Open(statement, for_worker)) return Refuse(*first, *refusal);
  return first;
}

void Engine::Fetch(const Ticket& ticket, std::int64_t token, FetchCallback done) {
  registry_.Poll(ticket, token, std::move(done));
}

bool Engine::Cancel(const Ticket& ticket) {
  return registry_.Cancel(ticket, {.name = "USER_CANCELED", .message = "Query was canceled"});
}

std::optional<std::string> Engine::StateOf(const std::string& id) { return registry_.StateOf(id); }

std::vector<jobs::DamagedFile> Engine::Damage() const { return pool_.Damage(); }

void Engine::Sweep() { registry_.Sweep(); }

void Engine::Stop() {
  registry_.Close();
  pool_.Join();
  sweeper_.Join();
}

AnswerPtr Engine::Refuse(const Answer& first, const Refusal& refusal) const {
  if (const auto counter = refused_.find(refusal.reason); counter != refused_.end()) {
    counter->second->Add();
  }
  auto answer = std::make_shared<Answer>(first);
  answer->next_token.reset();
  answer->results.stats.state = "FAILED";
  answer->results.failure =
      statement::Failure{.name = refusal.name, .message = refusal.message, .location = {}};
  return answer;
}

void Engine::CollectMetrics() {
  if (env_.metrics == nullptr) return;
  env_.metrics->Counter("steelthread_statements_total", "SQL statements taken.");
  std::vector<std::string> reasons = {kStopping};
  for (const Share& share : kShares) reasons.emplace_back(share.reason);
  for (const auto& reason : reasons) {
    refused_[reason] = &env_.metrics->Counter("steelthread_statements_refused_total",
                                              "SQL statements refused, by reason.",
                                              fmt::format("reason=\"{}\"", reason));
  }
  env_.metrics->Collected(
      "steelthread_statements", "SQL statements that hold a place, wait for a worker or run.",
      "gauge", [this] {
        const auto counts = registry_.Count();
        return MetricRegistry::Samples{{"state=\"open\"", static_cast<double>(counts.open)},
                                       {"state=\"queued\"", static_cast<double>(counts.queued)},
                                       {"state=\"running\"", static_cast<double>(counts.running)}};
      });
}

}  // namespace st::query
