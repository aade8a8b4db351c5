// MOVER: lake to lake. Keeps every table at few data files, of itself (`is_automatic`) and where a
// person asks for it; removes the files that nothing names any more; and reads all data files again
// once a day, so that damage shows.
//
// Threads: safe from any thread, but for Step. Its thread "upkeep" owns one worker process, which
//          starts when there is something to rewrite and ends by itself.
// Owner:   what Dependencies name must outlive it; the destructor stops it.
// Limits:  limits.h.
// Metrics: steelthread_upkeep_rewrites_total, _rewrite_seconds, _failures_total,
//          _input_bytes_total, _output_bytes_total, _orphans_removed_total,
//          _scrubbed_bytes_total.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "jobs/damaged_file.h"
#include "jobs/worker_starts.h"
#include "lake/lake.h"
#include "os/env.h"
#include "upkeep/rewriter.h"
#include "upkeep/table_rewriter.h"

namespace st::upkeep {

struct Dependencies {
  lake::Lake& lake;
  os::Env env;
};

struct UpkeepOptions {
  std::string worker_program;  // "": `steelthread-sql` beside this executable
  std::string warehouse;       // absolute
  std::int64_t worker_memory_bytes = 1LL << 30;
  jobs::WorkerStarts* worker_starts = nullptr;  // told whether workers start; may be null
  bool is_automatic = true;                     // false: it does what it is asked for alone
  MakeRewriter make_rewriter;                   // empty: a worker of `worker_program`
};

struct TableUpkeep {
  lake::TableName table;
  std::int64_t small_files = 0;  // that upkeep would make larger once there are enough
  bool is_behind = false;        // more of them than kBehindFiles
  std::int64_t rewrites = 0;     // since the start
  std::string last_error;        // "" if the last rewrite was good
  std::int64_t failures = 0;     // rewrites that failed in a row
  // When it looks for orphans next, monotonic; 0: it does not.
  std::int64_t next_orphans_us = 0;
};

class Upkeep {
 public:
  struct StepReport {
    std::int64_t next_us = 0;  // when the next step is due, monotonic
  };

  virtual ~Upkeep() = default;
  static std::unique_ptr<Upkeep> Make(Dependencies dependencies, UpkeepOptions options);
  // Starts the thread, which does what is asked for and calls Step when it is due, until Stop.
  virtual void Start() = 0;
  // Looks at all tables, does one rewrite that is due, removes files and compares one data file
  // with its checksum. What fails is told by Status and Damage, and tried again later. `now_us` is
  // monotonic. Requires: no thread, or called by it.
  virtual StepReport Step(std::int64_t now_us) = 0;

  virtual std::vector<TableUpkeep> Status() const = 0;  // sorted by name
  // The damaged data files that the scrubber found (scrubber.h), one sentence each.
  virtual std::vector<jobs::DamagedFile> Damage() const = 0;
  // Puts the small files of a table together now, however few they are (table_rewriter.h). Waits
  // for the rewrite that runs and for requests before this one, not for the tables that are due.
  // Requires: Start was called.
  // kShutdown: Stop was called.
  virtual Result<Compaction> Compact(const lake::TableName& table) = 0;
  // Ends the running job and joins. Idempotent; takes at most a commit and jobs::kKillGraceUs.
  virtual void Stop() = 0;
};

}  // namespace st::upkeep
