// MOVER: every pipeline of a project, each lane of them on a thread of its own with its own worker.
//
// Threads:  safe from any thread. A lane's thread is called "pipe-<lane>"; it owns the worker.
// Owner:    main; the members of Dependencies must outlive it; Stop() before the destructor is
//           optional.
// Limits:   limits.h.
// Errors:   kInvalidArgument two pipelines with one name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "jobs/worker_starts.h"
#include "lake/lake.h"
#include "log/local_log.h"
#include "os/env.h"
#include "stream/transformer.h"

namespace st::stream {

struct Dependencies {
  log::LocalLog& log;
  lake::Lake& lake;
  os::Env env;  // its metrics: commits of each pipeline and their time
};

struct RunnerOptions {
  std::vector<dialect::spark::Definition> definitions;
  std::string worker_program;  // "": `steelthread-sql` beside this executable
  std::string warehouse;       // absolute
  std::int64_t worker_memory_bytes = 1LL << 30;
  int worker_threads = 1;
  jobs::WorkerStarts* worker_starts = nullptr;  // told whether workers start; may be null
  TransformerFactory make_transformer;          // empty: workers of `worker_program`
};

enum class PipelineState {
  kWaitingForTopic,
  kRunning,
  kIdle,
  kRetrying,     // last_error says why; tried again at the next trigger
  kNeedsPerson,  // last_error names the choices, or the disk that fails; looked at again by itself
  kPaused,       // by a person, until Resume (stream/table_control.h)
};
std::string PipelineStateName(PipelineState state);  // "waiting for topic", "needs a person", …

struct PartitionStatus {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next = 0;  // first offset that is not in the table yet
  std::int64_t end = 0;   // of the log, now
};

struct PipelineStatus {
  std::string name;
  std::string table;  // "default.sword_purchases"
  std::vector<std::string> topics;
  PipelineState state = PipelineState::kIdle;
  // False until the table was read; until then partitions, lag, rows and dead letters are unknown.
  bool is_position_known = false;
  std::vector<PartitionStatus> partitions;
  std::int64_t lag = 0;  // records
  std::int64_t rows = 0;
  std::int64_t dead_letters = 0;
  std::string slowed;         // why its commits wait (stream/crowding.h); "": they do not
  std::string paused;         // when and why a person paused it; "" if nobody did
  std::string last_error;     // "" if the last step was good
  std::int64_t failures = 0;  // steps that failed in a row
};

// The result of a run, up to the log's end at its start.
struct RunReport {
  bool is_waiting_for_topic = false;  // there is no topic, so nothing to do
  std::int64_t records = 0;
  std::int64_t rows = 0;
  std::int64_t dead_letters = 0;
};

class Runner {
 public:
  virtual ~Runner() = default;
  static Result<std::unique_ptr<Runner>> Start(Dependencies dependencies, RunnerOptions options);

  virtual std::vector<PipelineStatus> Status() const = 0;
  // The pipeline as it is served now; `name` may have any case. kNotFound names the nearest.
  virtual Result<dialect::spark::Definition> Find(const std::string& name) const = 0;
  // Triggers the pipeline now and waits until its table holds everything up to the log's end as of
  // the call. kNotFound as Find; kConflict: it is paused; kDeadline; kShutdown; else the step's
  // error.
  virtual Result<RunReport> RunOnce(const std::string& name, std::int64_t timeout_us) = 0;
  // Triggers the pipeline now and waits until a step has ended that began after the call: whatever
  // was done to its table before is seen by then. With a timeout of 0 it triggers alone. kNotFound
  // as Find; kDeadline; kShutdown; else the step's error.
  virtual st::Status AwaitStep(const std::string& name, std::int64_t timeout_us) = 0;
  // Stops all pipelines, has `make` make the new ones while none runs, and starts these; takes as
  // long as Stop. After an error of `make`, or of its definitions, the old ones start again.
  using MakeDefinitions = std::function<Result<std::vector<dialect::spark::Definition>>()>;
  virtual st::Status Replace(const MakeDefinitions& make) = 0;
  // Ends running jobs and joins; ranges that are not committed are transformed after the next
  // start. Idempotent; takes at most a commit and jobs::kKillGraceUs, and waits for a Replace or
  // another Stop that runs.
  virtual void Stop() = 0;
};

}  // namespace st::stream
