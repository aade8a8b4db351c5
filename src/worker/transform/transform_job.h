// Transform jobs: the records of a job's sources through one SELECT into a Parquet file, or one a
// partition.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "jobs/messages.h"
#include "os/file_system.h"
#include "worker/engine/job_control.h"
#include "worker/engine/settings.h"

namespace st::worker::transform {

// Threads: one thread.
// Durable: when Transform answers, its files and their folders' names are synced.
// Errors:  kInvalidArgument, the SQL or a value in it, in DuckDB's words; kUnavailable, out of
//          memory; kShutdown, kDeadline: stopped; kCorruption, damage in a source; kIo;
//          kUnsupported, the job has state files, which no SQL keeps yet. No file is left behind
//          after an error.
class TransformHandler {
 public:
  virtual ~TransformHandler() = default;
  virtual Result<jobs::TransformResult> Transform(const jobs::TransformJob& job,
                                                  engine::JobControl& control) = 0;
  // Finds the records that make the SQL fail, at most `limit`; writes no file.
  virtual Result<jobs::FailingRecords> FindFailing(const jobs::TransformJob& job, std::size_t limit,
                                                   engine::JobControl& control) = 0;
  virtual Result<std::vector<jobs::ColumnInfo>> Describe(const std::string& sql,
                                                         engine::JobControl& control) = 0;
  // As jobs::WorkerClient::Evaluate.
  virtual Result<std::vector<std::string>> Evaluate(const std::vector<std::string>& expressions,
                                                    engine::JobControl& control) = 0;
  // DuckDB is not usable any more (an internal error): the process ends after this answer.
  virtual bool is_broken() const = 0;
};

// `fs` must outlive it.
std::unique_ptr<TransformHandler> MakeTransformHandler(const engine::WorkerSettings& settings,
                                                       os::FileSystem& fs);

}  // namespace st::worker::transform
