// The statements that clients may ask for: the places and shares that they hold, their queue, and
// the polls that wait for their answers.
//
// Threads:  safe from any thread; its lock guards the OpenStatements in it too. Callbacks of polls
//           and Runner::Cancel are called without the lock.
// Owner:    Engine; what it is made with outlives it.
// Limits:   kShares (shares.h), limits.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "os/clock.h"
#include "query/engine_options.h"
#include "query/open_statement.h"
#include "query/shares.h"
#include "query/turn_order.h"

namespace st::query {

// Why a statement was not opened. `name` and `message` are of its failure, `reason` is the
// metric's.
struct Refusal {
  std::string name;
  std::string message;
  std::string reason;
};

struct StatementCounts {
  std::size_t open = 0;  // they hold a place
  std::size_t queued = 0;
  std::size_t running = 0;
};

class StatementRegistry {
 public:
  StatementRegistry(os::Clock& clock, const EngineOptions& options);

  // Opens a statement; one `for_worker` waits in the queue. Where a share is used up, its
  // statements without a poll give way. nullopt: it is open.
  std::optional<Refusal> Open(const StatementPtr& statement, bool for_worker);
  // As Engine::Fetch.
  void Poll(const Ticket& ticket, std::int64_t token, FetchCallback done);
  // As Engine::Cancel.
  bool Cancel(const Ticket& ticket, const statement::Failure& failure);
  std::optional<std::string> StateOf(const std::string& id);
  StatementCounts Count();
  // Changes the statement under the lock, then answers the polls that wait for it.
  void Update(OpenStatement& statement, const std::function<void(std::int64_t now_us)>& change);
  // Fails what is open and refuses what comes later; whoever waits in here returns. Idempotent.
  void Close();

  // For the thread that runs a statement.
  //
  // Waits for a statement whose turn it is, and starts it. Null: none came within `wait_us`.
  // nullopt: the registry is closed.
  std::optional<StatementPtr> TakeTurn(std::int64_t wait_us);
  // The statement of TakeTurn runs on `runner`, until EndRun, and may cancel it.
  void SetRunner(OpenStatement& statement, std::shared_ptr<Runner> runner);
  // Waits until the statement may have another page, at most until its time is over. False: the
  // statement is over.
  bool WaitForRoom(const OpenStatement& statement);
  // Waits for a cancel that is on its way: the runner is free for another statement.
  void EndRun(OpenStatement& statement);

  // For the thread that sweeps.
  //
  // Waits kTickUs, or for the first statement. False: it is closed and none runs.
  bool WaitForSweep();
  // As Engine::Sweep.
  void Sweep();

 private:
  // nullptr: no such statement.
  StatementPtr Find(const Ticket& ticket) const ST_REQUIRES(mu_);
  // The share that has no place for the statement, even where others give way; nullptr: it may be
  // opened.
  const Share* ShareWithoutRoom(const OpenStatement& statement, bool for_worker,
                                std::int64_t now_us) ST_REQUIRES(mu_);
  bool IsFull(const Share& share, const OpenStatement& statement) const ST_REQUIRES(mu_);
  // Drops the statements of the share that give way. A running one ends when its worker stops.
  void MakeRoom(const Share& share, const OpenStatement& statement, std::int64_t now_us)
      ST_REQUIRES(mu_);
  void ForgetOldest() ST_REQUIRES(mu_);
  // True if a client has waited longer than kWantedUs for a queued statement to run.
  bool IsTurnWanted(std::int64_t now_us) const ST_REQUIRES(mu_);
  // Removes the statement whose turn it is from the queue; nullptr: none may run now.
  StatementPtr TakeFromQueue() ST_REQUIRES(mu_);
  // Cancels the runners of statements that are over.
  void CancelRunners();

  os::Clock& clock_;
  const std::int64_t statement_timeout_us_;

  Mutex mu_;
  CondVar queued_;   // waited for in TakeTurn: a statement to run
  CondVar changed_;  // in WaitForRoom and EndRun: room for a page, a cancel that is through
  CondVar sweep_;    // in WaitForSweep: something is open
  bool is_closed_ ST_GUARDED_BY(mu_) = false;
  std::map<std::string, StatementPtr> statements_ ST_GUARDED_BY(mu_);  // by ticket id
  std::vector<StatementPtr> queue_ ST_GUARDED_BY(mu_);                 // oldest first
  TurnOrder turns_ ST_GUARDED_BY(mu_);
};

}  // namespace st::query
