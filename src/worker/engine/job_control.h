// Stops the running job: on Cancel, or when its time is over.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "os/clock.h"
#include "os/thread.h"
#include "sql/database.h"

namespace st::worker::engine {

// Threads: Begin, Check and Interrupting belong to the thread that runs the jobs; Arrived, Cancel
//          and should_stop are safe from any. Its own thread "job-watch" interrupts DuckDB.
class JobControl {
 public:
  explicit JobControl(os::Clock& clock);
  JobControl(const JobControl&) = delete;
  JobControl& operator=(const JobControl&) = delete;
  ~JobControl();

  // A new job arrived: forgets a Cancel of the job before.
  void Arrived();
  // The job begins. `deadline_us` is on the clock's MonotonicUs.
  void Begin(std::int64_t deadline_us);
  void Cancel();

  bool should_stop() const { return is_cancelled_ || clock_.MonotonicUs() >= deadline_us_; }
  // kShutdown: cancelled; kDeadline: its time is over.
  Status Check() const;

  // While this object lives, statements of `connection` are interrupted when the job must stop. An
  // interrupted statement ends with kShutdown: ask Check() for the reason.
  //
  // Requires: the connection outlives it; one at a time.
  class Interrupting {
   public:
    Interrupting(JobControl& control, sql::Connection& connection);
    Interrupting(const Interrupting&) = delete;
    Interrupting& operator=(const Interrupting&) = delete;
    ~Interrupting();

   private:
    JobControl& control_;
  };

 private:
  void Watch();

  os::Clock& clock_;
  std::atomic<bool> is_cancelled_{false};
  std::atomic<std::int64_t> deadline_us_{0};
  Mutex mu_;
  CondVar changed_;
  sql::Connection* connection_ ST_GUARDED_BY(mu_) = nullptr;
  bool is_over_ ST_GUARDED_BY(mu_) = false;
  os::Thread thread_;
};

}  // namespace st::worker::engine
