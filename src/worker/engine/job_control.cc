#include "worker/engine/job_control.h"

#include <algorithm>

#include "base/check.h"
#include "worker/engine/limits.h"

namespace st::worker::engine {

JobControl::JobControl(os::Clock& clock)
    : clock_(clock), thread_("job-watch", [this] { Watch(); }) {}

JobControl::~JobControl() {
  {
    MutexLock lock(mu_);
    is_over_ = true;
  }
  changed_.NotifyAll();
  thread_.Join();
}

void JobControl::Arrived() { is_cancelled_ = false; }

void JobControl::Begin(std::int64_t deadline_us) { deadline_us_ = deadline_us; }

void JobControl::Cancel() {
  {
    MutexLock lock(mu_);
    is_cancelled_ = true;
  }
  changed_.NotifyAll();
}

Status JobControl::Check() const {
  if (is_cancelled_) return Fail(ErrorCode::kShutdown, "the job was cancelled");
  if (should_stop()) return Fail(ErrorCode::kDeadline, "the job's time is over");
  return {};
}

void JobControl::Watch() {
  MutexLock lock(mu_);
  while (!is_over_) {
    if (connection_ == nullptr) {
      changed_.Wait(mu_);
      continue;
    }
    if (!should_stop()) {
      const std::int64_t left = deadline_us_ - clock_.MonotonicUs();
      changed_.WaitFor(mu_, std::chrono::microseconds(std::max<std::int64_t>(left, 0)));
      continue;
    }
    // The interrupt is repeated, since a statement that begins just now would miss a single one.
    connection_->Interrupt();
    changed_.WaitFor(mu_, std::chrono::microseconds(kInterruptEveryUs));
  }
}

JobControl::Interrupting::Interrupting(JobControl& control, sql::Connection& connection)
    : control_(control) {
  {
    MutexLock lock(control_.mu_);
    ST_CHECK(control_.connection_ == nullptr);
    control_.connection_ = &connection;
  }
  control_.changed_.NotifyAll();
}

JobControl::Interrupting::~Interrupting() {
  MutexLock lock(control_.mu_);
  control_.connection_ = nullptr;
}

}  // namespace st::worker::engine
