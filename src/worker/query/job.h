// Statements from the network, run in a worker that may only read the warehouse (I10).
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "jobs/query_messages.h"
#include "worker/engine/job_control.h"
#include "worker/engine/settings.h"

namespace st::worker::query {

// The columns of a statement that runs, or the files that it waits for.
using StartedQuery = std::variant<std::vector<jobs::ResultColumn>, std::vector<jobs::TableUse>>;

// Executes one statement after the other.
//
// Threads: one thread; it stays within `control`'s time and wraps DuckDB's work in
//          JobControl::Interrupting. The control outlives the handler.
// Errors:  QueryError as messages.h names them; a stop is USER_CANCELED (kShutdown) or
//          EXCEEDED_TIME_LIMIT (kDeadline).
class QueryHandler {
 public:
  virtual ~QueryHandler() = default;
  // Checks and starts a statement; one that is open is dropped. It waits for files where it uses a
  // table that asks for them.
  virtual jobs::QueryResult<StartedQuery> StartQuery(const jobs::QueryJob& job,
                                                     engine::JobControl& control) = 0;
  // Goes on with the statement that waits, with the files of each of its uses.
  virtual jobs::QueryResult<StartedQuery> TakeFiles(std::vector<std::vector<std::string>> files,
                                                    engine::JobControl& control) = 0;
  // The next page of the open statement. After the last one or an error it is over.
  virtual jobs::QueryResult<jobs::QueryPage> NextPage(engine::JobControl& control) = 0;
  // Drops the open statement; not an error if there is none.
  virtual void End() = 0;
  virtual bool has_open() const { return false; }
  // Called while there is no job: prepares the next statement.
  virtual void Rest() {}
  // DuckDB is not usable any more (an internal error): the process ends after this answer.
  virtual bool is_broken() const { return false; }
};

std::unique_ptr<QueryHandler> MakeQueryHandler(const engine::WorkerSettings& settings);

}  // namespace st::worker::query
