// MOVER: tables -> rows. Takes statements, runs them in query workers, hands out pages.
//
// Threads:  safe from any thread. Submit and Fetch do not block; a callback comes at once or from a
//           thread of the engine, which it must not block for long.
// Owner:    `lake` and what `env` names must outlive it.
// Limits:   EngineOptions, limits.h; over them a statement fails with the limit in its message.
//           Places and workers are shared by client address, and within one by user: the next
//           statement is of the one with the fewest running, then of the one served longest ago.
// Metrics:  steelthread_statements_total, _statements, _statements_refused_total.
// Errors:   a statement's own are in its answer (statement::Failure).
// Views:    a statement reads the last committed snapshot of each table as it stands when the
//           statement starts to run (not yet I11).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "jobs/damaged_file.h"
#include "lake/catalog.h"
#include "os/env.h"
#include "os/thread.h"
#include "query/engine_options.h"
#include "query/statement_exchange.h"
#include "query/statement_registry.h"
#include "query/worker_pool.h"

namespace st::query {

class Engine {
 public:
  Engine(const os::Env& env, const lake::Catalog& lake, EngineOptions options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();  // Stop

  // The first answer: QUEUED with next_token 1, or FAILED without one when too many are open.
  AnswerPtr Submit(StatementRequest request, Ticket& ticket);
  // The answer of `token`; waits at most kPollWaitUs for rows, then answers without. The same token
  // again gives the same answer. Calls `done` once.
  void Fetch(const Ticket& ticket, std::int64_t token, FetchCallback done);
  // Not an error if it is over. False: no such statement.
  bool Cancel(const Ticket& ticket);
  // QUEUED, RUNNING, FINISHED or FAILED; nullopt: no such statement.
  std::optional<std::string> StateOf(const std::string& id);
  // The files that statements since the start could not read and that tables still have, at most
  // kMaxDamageNotes. A file that differed from its commit is forgotten once a statement finds it
  // whole.
  std::vector<jobs::DamagedFile> Damage() const;
  // Fails open statements with SERVER_SHUTTING_DOWN, kills their workers and joins. Idempotent.
  void Stop();

  // One round of due work: empty answers, limits, abandoned statements. Its own thread calls it;
  // tests call it after they step their clock.
  void Sweep();

 private:
  Ticket NewTicket();
  // The answer of a statement that is not opened, and counts it.
  AnswerPtr Refuse(const Answer& first, const Refusal& refusal) const;
  void CollectMetrics();

  const lake::Catalog& lake_;
  const os::Env env_;
  const EngineOptions options_;
  std::map<std::string, Metric*> refused_;  // by reason; constant after construction

  std::atomic<std::int64_t> ticket_count_ = 0;
  StatementRegistry registry_;
  WorkerPool pool_;
  os::Thread sweeper_;
};

}  // namespace st::query
