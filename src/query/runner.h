// Runs one statement: a query worker, or a fake of it in tests.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "jobs/query_messages.h"

namespace st::query {

// Threads: owned by one thread; Cancel is safe from any thread.
// The calls have the contract of jobs::WorkerClient.
class Runner {
 public:
  virtual ~Runner() = default;
  // Starts the worker's process where none runs.
  virtual Status Start() = 0;
  virtual jobs::QueryResult<std::vector<jobs::ResultColumn>> StartQuery(
      const jobs::QueryJob& job, std::int64_t timeout_us, const jobs::ChooseFiles& choose) = 0;
  virtual jobs::QueryResult<jobs::QueryPage> NextPage() = 0;
  virtual void EndQuery() = 0;
  virtual void Cancel() = 0;
};

using MakeRunner = std::function<std::unique_ptr<Runner>()>;

}  // namespace st::query
