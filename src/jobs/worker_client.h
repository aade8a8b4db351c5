// One worker process (`steelthread-sql`) and the jobs that it is given, one at a time.
//
// The process starts with the first job, ends by itself when it is idle, and starts again with the
// next. A job that kills it costs that job an error and nothing else.
//
// Threads:  owned by one thread, which must live as long as the worker should (a worker dies with
//           the thread that started it); Cancel and Stop are safe from any thread.
// Limits:   kMaxHeaderBytes, kMaxBodyBytes, kKillGraceUs, kIdleEndMs (limits.h).
// Errors:   of a job: kInvalidArgument, the SQL or a value in it (DuckDB's words);
//           kUnavailable, the worker died: "worker killed by signal 9 (Killed)"; kDeadline;
//           kShutdown, Cancel or Stop was called; kNotFound, the program is missing; kCorruption,
//           damage in the log; kIo.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "jobs/frames.h"
#include "jobs/limits.h"
#include "jobs/messages.h"
#include "jobs/query_messages.h"
#include "jobs/rewrite_messages.h"
#include "jobs/worker_starts.h"
#include "os/clock.h"
#include "os/process.h"

namespace st::jobs {

enum class WorkerKind {
  kTransform,  // may write data files: Transform, Describe, Evaluate
  kQuery,      // may read the warehouse and nothing else: StartQuery, NextPage
};

struct WorkerOptions {
  WorkerKind kind = WorkerKind::kTransform;
  std::string program;  // "": `steelthread-sql` beside this executable
  // kQuery: the only folder it can read. kTransform: the only one it can write; it also reads below
  // the parent folder, where the log is.
  std::string warehouse;
  // kTransform: an absolute folder that is the only one it can write instead; "": none.
  std::string output_folder;
  std::int64_t memory_limit_bytes = 1LL << 30;
  int threads = 1;
  // RLIMIT_AS; 0: memory_limit_bytes and what the program itself needs. Sanitizer builds set none.
  std::uint64_t address_space_bytes = 0;
  std::int64_t idle_end_ms = kIdleEndMs;
  std::int64_t cancel_grace_us = kKillGraceUs;  // time after Cancel in which a job stops by itself
  WorkerStarts* starts = nullptr;               // told whether the program starts; may be null
};

// Ok, or kNotFound: the worker's program is missing or may not be executed, so no SQL runs.
Status CheckWorkerProgram(const std::string& program);

class WorkerClient {
 public:
  // `clock` must outlive it.
  WorkerClient(os::Clock& clock, WorkerOptions options);
  WorkerClient(const WorkerClient&) = delete;
  WorkerClient& operator=(const WorkerClient&) = delete;
  ~WorkerClient();  // kills the worker

  // Starts the process if it does not run and waits until it is ready. The jobs do this themselves.
  // Errors: kNotFound; kUnavailable: it ended before it was ready, with what it printed; kShutdown.
  Status Start();

  Result<TransformResult> Transform(const TransformJob& job, std::int64_t timeout_us);
  // Finds the records that make the job's SQL fail, at most `limit`; writes no file.
  Result<FailingRecords> FindFailing(const TransformJob& job, std::int64_t limit,
                                     std::int64_t timeout_us);
  // Puts rows of data files into one new file. nullopt: the job's `keep` left no row, and there is
  // no file; without `keep` that is kInvalidArgument.
  Result<std::optional<WrittenFile>> Rewrite(const RewriteJob& job, std::int64_t timeout_us);
  // Columns of a transform's SQL over st_source(), without reading anything.
  Result<std::vector<ColumnInfo>> Describe(const std::string& sql, std::int64_t timeout_us);
  // Why each of these expressions, which name no column, has no value; "": it has one.
  Result<std::vector<std::string>> Evaluate(const std::vector<std::string>& expressions,
                                            std::int64_t timeout_us);

  // Parses, checks and starts a statement. `timeout_us` is of the whole statement, pages included.
  // A statement that is open is dropped. `choose` is called once at most, if some table asks for
  // files.
  QueryResult<std::vector<ResultColumn>> StartQuery(const QueryJob& job, std::int64_t timeout_us,
                                                    const ChooseFiles& choose = {});
  // The next page; computed when asked for, so a slow reader holds the worker back. After the last
  // page or an error the statement is over. Requires: StartQuery succeeded.
  QueryResult<QueryPage> NextPage();
  // Drops the open statement; not an error if there is none.
  void EndQuery();

  // Stops the running job (it returns kShutdown / USER_CANCELED); kills the worker if it does not
  // stop within cancel_grace_us. Not an error if nothing runs.
  void Cancel();

  // Cancels the running job, and refuses each later one: kShutdown.
  void Stop();

  // Between jobs: if the worker ended by itself, its process is waited for. Does not block.
  void Reap();

  pid_t pid() const { return pid_; }  // -1: not running
  // True if the last job failed for a reason outside of it: its worker was killed by a signal from
  // outside (the kernel's out-of-memory killer, a user's kill), or never became ready.
  bool is_job_blameless() const { return is_job_blameless_; }

 private:
  Result<Frame> Call(const Frame& request, std::int64_t deadline_us);
  Result<Frame> CallOnce(const Frame& request, std::int64_t deadline_us, bool& ended_idle);
  Result<Frame> SendFiles(const Frame& asked, const ChooseFiles& choose);
  Result<Frame> Await(std::int64_t deadline_us, bool& ended_idle);
  // `when` follows how it ended: " before it was ready".
  Error WorkerDied(bool& ended_idle, std::string_view when = "");
  void NoteStart(const Status& started);
  void Kill();

  os::Clock& clock_;
  const WorkerOptions options_;
  pid_t pid_ = -1;
  std::int64_t query_deadline_us_ = 0;
  bool has_query_ = false;
  os::UniqueFd output_;  // the worker's output, which says why it dies
  bool is_job_blameless_ = false;
  FrameReader reader_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> stopped_{false};
  std::atomic<std::int64_t> cancelled_at_us_{0};
  Mutex mu_;  // the socket's life and its writes: Cancel writes beside the owner
  os::UniqueFd socket_ ST_GUARDED_BY(mu_);
  bool is_busy_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace st::jobs
