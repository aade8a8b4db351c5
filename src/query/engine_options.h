// How an Engine runs statements; the limits that a user may want to change.
#pragma once

#include <cstdint>
#include <string>

#include "jobs/worker_starts.h"
#include "query/runner.h"

namespace st::query {

struct EngineOptions {
  std::string worker_program;                      // "": `steelthread-sql` beside this executable
  std::string warehouse;                           // the only folder that a worker can read
  int max_running = 3;                             // one worker process each
  int max_running_of_address = 2;                  // so that one is left for other clients
  std::int64_t statement_timeout_us = 60'000'000;  // running, and as long in the queue
  std::int64_t max_rows = 10'000'000;              // of one result
  std::int64_t memory_limit_bytes = 1LL << 29;     // of one statement
  jobs::WorkerStarts* worker_starts = nullptr;     // told whether workers start; may be null
  MakeRunner make_runner;                          // empty: worker processes
};

}  // namespace st::query
