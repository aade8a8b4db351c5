// The worker's side of the socket: one job at a time, Cancel while it runs, the end when idle.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "base/mutex.h"
#include "jobs/frames.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/thread.h"
#include "worker/engine/job_control.h"
#include "worker/engine/settings.h"
#include "worker/query/job.h"
#include "worker/rewrite/rewrite_job.h"
#include "worker/transform/transform_job.h"

namespace st::worker {

// Threads: Run belongs to one thread, which runs the jobs; its thread "job-reader" reads frames.
// Limits:  kMaxWaitingFrames.
class Session {
 public:
  // `fd`: the worker's end of the socket pair.
  Session(int fd, engine::WorkerSettings settings);
  // Reports that the worker is ready, then answers jobs until it was idle for idle_end_ms, the
  // other end closed, or DuckDB had an internal error. The process must then end by _exit, since
  // "job-reader" may block.
  void Run();

 private:
  void Read();
  std::optional<jobs::Frame> NextFrame();
  jobs::Frame TakeFrame() ST_REQUIRES(mu_);
  // False: the session is over.
  bool Answer(const jobs::Frame& frame);
  bool Send(const jobs::Frame& frame);
  jobs::Frame RunTransform(const jobs::Frame& frame);
  jobs::Frame RunFindFailing(const jobs::Frame& frame);
  jobs::Frame RunRewrite(const jobs::Frame& frame);
  jobs::Frame RunDescribe(const jobs::Frame& frame);
  jobs::Frame RunEvaluate(const jobs::Frame& frame);
  jobs::Frame RunQuery(const jobs::Frame& frame);
  jobs::Frame RunFiles(const jobs::Frame& frame);
  jobs::Frame RunNext();
  void BeginJob(const jobs::Frame& frame);

  const int fd_;
  const engine::WorkerSettings settings_;
  const std::unique_ptr<os::Clock> clock_;
  const std::unique_ptr<os::FileSystem> fs_;
  engine::JobControl control_;
  std::unique_ptr<transform::TransformHandler> transform_;
  std::unique_ptr<rewrite::RewriteHandler> rewrite_;
  std::unique_ptr<query::QueryHandler> query_;
  Mutex mu_;
  CondVar changed_;
  std::deque<jobs::Frame> waiting_ ST_GUARDED_BY(mu_);
  os::Thread reader_;
};

}  // namespace st::worker
