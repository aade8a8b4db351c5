// The threads that run statements: each owns a Runner and runs one statement at a time.
//
// Threads: Join on the owner's thread, Damage on any; the rest runs on the threads `query-<n>`.
// Owner:   Engine; what it is made with outlives it.
// Limits:  EngineOptions::max_running, kRunnerIdleUs, kMaxPageBytes, kMaxDamageNotes.
// Errors:  those of a job are the statement's. Where EngineOptions::worker_starts has a failure, of
//          whatever worker, one is started every kRunnerIdleUs until that succeeds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "jobs/damaged_file.h"
#include "jobs/query_messages.h"
#include "lake/catalog.h"
#include "os/clock.h"
#include "os/thread.h"
#include "query/engine_options.h"
#include "query/runner.h"
#include "query/statement_registry.h"

namespace st::query {

class WorkerPool {
 public:
  // Starts the threads. Requires: `options` has `make_runner`.
  WorkerPool(os::Clock& clock, const lake::Catalog& lake, const EngineOptions& options,
             StatementRegistry& registry);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { Join(); }

  // Waits for the threads. Idempotent. Requires: the registry is closed.
  void Join();
  // As Engine::Damage.
  std::vector<jobs::DamagedFile> Damage() const;

 private:
  // One thread looks after the start of workers.
  void RunTurns(bool retries_starts);
  // True if the last start of a worker failed.
  bool CannotStart() const;
  void Run(OpenStatement& statement, Runner& runner);
  // Why a file cannot be read.
  struct Note {
    std::string message;
    bool is_of_check = false;  // it differed from its commit; false: a worker could not read it
  };
  // Compares a file that the statement reads with its commit (lake/checked_files.h).
  Status CheckFile(const OpenStatement& statement, const lake::View& table,
                   const lake::DataFile& file);
  // Hands its pages to the statement until the last one, or until the statement is over. True: the
  // runner has no more of them.
  bool HandPages(OpenStatement& statement, Runner& runner);
  void Fail(OpenStatement& statement, statement::Failure failure);
  // `is_of_check` as in Note.
  void FailWith(OpenStatement& statement, const jobs::QueryError& error, bool is_of_check = false);
  // Forgets that the file differed from its commit.
  void ForgetDamage(const std::string& location);

  os::Clock& clock_;
  const lake::Catalog& lake_;
  const EngineOptions& options_;
  StatementRegistry& registry_;
  Guarded<std::map<std::string, Note>> damage_;  // by data file
  std::vector<os::Thread> threads_;              // the last: they use the others
};

}  // namespace st::query
