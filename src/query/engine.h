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

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "format/statement/query_results.h"
#include "format/statement/session.h"
#include "lake/catalog.h"
#include "os/env.h"
#include "os/thread.h"
#include "query/limits.h"
#include "query/runner.h"

namespace st::query {

class OpenStatement;
struct Share;

struct EngineOptions {
  std::string worker_program;                      // "": `steelthread-sql` beside this executable
  std::string warehouse;                           // the only folder that a worker can read
  int max_running = 3;                             // one worker process each
  int max_running_of_address = 2;                  // so that one is left for other clients
  std::int64_t statement_timeout_us = 60'000'000;  // running, and as long in the queue
  std::int64_t max_rows = 10'000'000;              // of one result
  std::int64_t memory_limit_bytes = 1LL << 29;     // of one statement
  MakeRunner make_runner;                          // empty: worker processes
};

struct StatementRequest {
  std::string sql;
  statement::Session session;
  std::string address;  // the client's, without the port
};

// Identifies a statement to its client, who asks for its answers by it. The slug cannot be guessed.
struct Ticket {
  std::string id;
  std::string slug;
};

// One answer. `results` lacks the URIs; the next one is of `next_token`, if there is one.
struct Answer {
  statement::QueryResults results;
  std::optional<std::int64_t> next_token;
  std::string set_catalog;  // of USE; "" otherwise
  std::string set_schema;
  statement::Family family = statement::Family::kTrino;
};
using AnswerPtr = std::shared_ptr<const Answer>;

enum class FetchOutcome {
  kAnswer,
  kUnknown,  // no such statement (dropped, perhaps), or a token that was never handed out
  kGone,     // an answer before the last one
  kBusy,     // more than kMaxPollsPerStatement polls wait
};
// `answer` is null unless the outcome is kAnswer.
using FetchCallback = std::function<void(FetchOutcome, AnswerPtr)>;

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
  // Why statements could not read files of tables since the start, the first kMaxDamageNotes.
  std::vector<std::string> Damage() const;
  // Fails open statements with SERVER_SHUTTING_DOWN, kills their workers and joins. Idempotent.
  void Stop();

  // One round of due work: empty answers, limits, abandoned statements. Its own thread calls it;
  // tests call it after they step their clock.
  void Sweep();

 private:
  using StatementPtr = std::shared_ptr<OpenStatement>;

  // Reader's side (engine.cc).
  // The share that has no place for the statement, when no other gives way; nullptr: it may be
  // opened.
  const Share* ShareWithoutRoom(const OpenStatement& statement, bool is_for_worker,
                                std::int64_t now_us) ST_REQUIRES(mu_);
  bool IsFull(const Share& share, const OpenStatement& statement) const ST_REQUIRES(mu_);
  // Drops the statements of the share that give way. A running one ends when its worker stops.
  void MakeRoom(const Share& share, const OpenStatement& statement, std::int64_t now_us)
      ST_REQUIRES(mu_);
  void ForgetOldest() ST_REQUIRES(mu_);
  AnswerPtr Refuse(const OpenStatement& statement, const std::string& name,
                   const std::string& message, const std::string& reason) const;
  void CollectMetrics();
  bool IsTurnWanted(std::int64_t now_us) const ST_REQUIRES(mu_);
  StatementPtr Find(const Ticket& ticket) ST_REQUIRES(mu_);
  Ticket NewTicket() ST_REQUIRES(mu_);
  void SweepLoop();
  void CancelRunners();

  // Pool threads (pool.cc).
  void PoolLoop();
  struct Turn;
  Turn NextTurn(bool has_runner);
  // Removes the statement whose turn it is from the queue; nullptr: none may run now.
  StatementPtr TakeFromQueue() ST_REQUIRES(mu_);
  void Run(OpenStatement& statement, Runner& runner);
  void NoteDamage(const jobs::QueryError& error);
  bool WaitForRoom(const OpenStatement& statement);
  void EndRun(OpenStatement& statement);
  Result<jobs::QueryJob> JobFor(const StatementRequest& request) const;
  // Changes the statement under the lock, then answers the polls that wait for it.
  void Update(OpenStatement& statement, const std::function<void(std::int64_t now_us)>& change);

  const lake::Catalog& lake_;
  const os::Env env_;
  const EngineOptions options_;
  std::map<std::string, Metric*> refused_;  // by reason; constant after construction

  Mutex mu_;
  CondVar queued_;   // pool threads: a statement to run
  CondVar changed_;  // pool threads: room for a page, a cancel that is through
  CondVar sweep_;    // the sweep thread: something is open
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  std::int64_t count_ ST_GUARDED_BY(mu_) = 0;
  std::map<std::string, StatementPtr> statements_ ST_GUARDED_BY(mu_);
  std::vector<StatementPtr> queue_ ST_GUARDED_BY(mu_);  // oldest first
  // When an address, and a user at one, had its last turn: counted.
  std::map<std::string, std::int64_t> turns_ ST_GUARDED_BY(mu_);
  std::int64_t turn_count_ ST_GUARDED_BY(mu_) = 0;

  Guarded<std::set<std::string>> damage_;

  std::vector<os::Thread> pool_;
  os::Thread sweeper_;
};

}  // namespace st::query
