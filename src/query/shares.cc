// Implements Share, and the parts of Engine that choose which statement yields and which runs next.
#include "query/shares.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "query/engine.h"

namespace st::query {
namespace {

std::string UserKey(const OpenStatement& statement) {
  return statement.address() + "\n" + statement.user();
}

}  // namespace

bool Share::Covers(const OpenStatement& mine, const OpenStatement& other) const {
  if (!other.holds_place() || (is_of_queued && !other.is_queued())) return false;
  if (scope == Scope::kServer) return true;
  if (mine.address() != other.address()) return false;
  return scope == Scope::kAddress || mine.user() == other.user();
}

std::string Share::Describe() const {
  const char* whose = scope == Scope::kServer    ? "of all clients"
                      : scope == Scope::kAddress ? "of this client's address"
                                                 : "of this user";
  return is_of_queued
             ? fmt::format("{} statements {} wait for a worker, no more may; try again later",
                           limit, whose)
             : fmt::format("{} statements {} are open; read or cancel some first", limit, whose);
}

bool Engine::IsFull(const Share& share, const OpenStatement& statement) const {
  const auto count = std::ranges::count_if(
      statements_, [&](const auto& entry) { return share.Covers(statement, *entry.second); });
  return static_cast<std::size_t>(count) >= share.limit;
}

void Engine::MakeRoom(const Share& share, const OpenStatement& statement, std::int64_t now_us) {
  for (auto& [id, other] : statements_) {
    if (!share.Covers(statement, *other) || !other->MayYield(now_us)) continue;
    other->Cancel({.name = "ABANDONED_QUERY", .message = "Query was abandoned", .location = {}},
                  now_us);
  }
  std::erase_if(statements_, [&](const auto& entry) {
    return !entry.second->holds_place() && entry.second->MayYield(now_us) &&
           entry.second->runner == nullptr;
  });
  std::erase_if(queue_, [](const auto& queued) { return queued->is_over(); });
  changed_.NotifyAll();
}

const Share* Engine::ShareWithoutRoom(const OpenStatement& statement, bool is_for_worker,
                                      std::int64_t now_us) {
  for (const Share& share : kShares) {
    if (share.is_of_queued && !is_for_worker) continue;
    if (!IsFull(share, statement)) continue;
    MakeRoom(share, statement, now_us);
    if (IsFull(share, statement)) return &share;
  }
  return nullptr;
}

// Ids grow with time, so the first ones are the oldest.
void Engine::ForgetOldest() {
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

Engine::StatementPtr Engine::TakeFromQueue() {
  std::erase_if(queue_, [](const auto& statement) { return statement->is_over(); });
  std::map<std::string, std::int64_t> running;
  for (const auto& [id, statement] : statements_) {
    if (statement->runner == nullptr && !statement->is_starting) continue;
    ++running[statement->address()];
    ++running[UserKey(*statement)];
  }
  const auto count = [](const auto& counts, const std::string& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? std::int64_t{0} : found->second;
  };
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  std::tuple best{kLast, kLast, kLast, kLast};
  auto chosen = queue_.end();
  for (auto at = queue_.begin(); at != queue_.end(); ++at) {
    const OpenStatement& statement = **at;
    const auto& address = statement.address();
    const auto user = UserKey(statement);
    const std::int64_t runs = count(running, address);
    if (!statement.is_followed() || runs >= options_.max_running_of_address) continue;
    const std::tuple rank{runs, count(turns_, address), count(running, user), count(turns_, user)};
    if (rank >= best) continue;
    best = rank;
    chosen = at;
  }
  if (chosen == queue_.end()) return nullptr;
  const auto statement = *chosen;
  queue_.erase(chosen);
  if (turns_.size() >= kMaxRememberedClients) turns_.clear();
  turns_[statement->address()] = turns_[UserKey(*statement)] = ++turn_count_;
  return statement;
}

AnswerPtr Engine::Refuse(const OpenStatement& statement, const std::string& name,
                         const std::string& message, const std::string& reason) const {
  if (const auto counter = refused_.find(reason); counter != refused_.end()) {
    counter->second->Add();
  }
  auto refusal = std::make_shared<Answer>(*statement.First());
  refusal->next_token.reset();
  refusal->results.stats.state = "FAILED";
  refusal->results.failure = statement::Failure{.name = name, .message = message, .location = {}};
  return refusal;
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
  env_.metrics->Collected("steelthread_statements",
                          "SQL statements now: that hold a place, wait, run.", "gauge", [this] {
                            double open = 0;
                            double running = 0;
                            const MutexLock lock(mu_);
                            for (const auto& [id, statement] : statements_) {
                              open += statement->holds_place() ? 1 : 0;
                              running += statement->runner != nullptr ? 1 : 0;
                            }
                            return MetricRegistry::Samples{
                                {"state=\"open\"", open},
                                {"state=\"queued\"", static_cast<double>(queue_.size())},
                                {"state=\"running\"", running}};
                          });
}

}  // namespace st::query
