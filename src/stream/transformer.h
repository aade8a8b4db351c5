// A worker process as the mover uses it: an interface, so that tests can replace and crash it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/written_file.h"
#include "jobs/messages.h"
#include "jobs/rewrite_messages.h"

namespace st::stream {

// One worker and the jobs that it is given, one at a time.
//
// Threads: owned by one thread, which must live as long as it; Cancel is safe from any thread.
// Errors:  as jobs/worker_client.h: kInvalidArgument the SQL or a value; kUnavailable it died or
//          had no memory or disk; kDeadline; kShutdown cancelled; kNotFound the program is missing;
//          kCorruption damage in the log; kIo.
class Transformer {
 public:
  virtual ~Transformer() = default;
  // A new worker with the full limits, ready for a job.
  virtual Status Restart() = 0;
  virtual Result<jobs::TransformResult> Transform(const jobs::TransformJob& job) = 0;
  // The records of the job's range that make its SQL fail, at most kMaxFailingRecords.
  virtual Result<jobs::FailingRecords> FindFailing(const jobs::TransformJob& job) = 0;
  virtual Result<std::vector<jobs::ColumnInfo>> Describe(const std::string& sql) = 0;
  // As jobs::WorkerClient::Evaluate.
  virtual Result<std::vector<std::string>> Evaluate(
      const std::vector<std::string>& expressions) = 0;
  // As jobs::WorkerClient::Rewrite.
  virtual Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job) = 0;
  // True if the last job failed for a reason outside of its records
  // (jobs::WorkerClient::is_job_blameless).
  virtual bool IsJobBlameless() const { return false; }
  // Between jobs: reaps a worker that ended by itself.
  virtual void Reap() {}
  // Ends the running job, and every later one, with kShutdown.
  virtual void Cancel() = 0;
};

using TransformerFactory = std::function<std::unique_ptr<Transformer>()>;

}  // namespace st::stream
