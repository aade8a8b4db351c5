// Removes records of the log: by the retention of their topics, and where a client deletes them.
// Before that it sets the holds of everybody who still needs some.
//
// | hold | keeps |
// | "the declarations of events" | the server's own topics |
// | "the game" | the game's topic: its state and reads of its past |
// | "idempotency keys" | records of declared events that answer repeated requests |
// | "pipeline NAME" | what the pipeline has not read |
//
// Threads: safe from any thread; the work is done on a thread of its own ("retention").
// Owner:   main; the parts must outlive it. Stop it after who calls it and before the log.
// Limits:  log::kMaxStartsAtOnce, log::kMaxSegmentsAtOnce; a step every kStepUs.
// Errors:  of Delete as log::RecordRemoval::MoveStart and log::LocalLog::SetHold; kShutdown.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/serving.h"
#include "app/stores.h"
#include "base/mutex.h"
#include "log/retention.h"
#include "os/thread.h"
#include "stream/runner.h"

namespace st::app {

class RecordKeeping {
 public:
  struct Parts {
    Stores& stores;
    const Serving& serving;
    const stream::Runner& runner;
    os::Clock& clock;
    MetricRegistry& metrics;
  };
  explicit RecordKeeping(Parts parts);
  ~RecordKeeping() { Stop(); }

  // Starts the thread.
  void Start();
  // Moves the start of a partition by request, or checks whether the holds let it move; `done` runs
  // on the log's commit thread, on this object's or on the caller's.
  using Done = std::function<void(Result<Offset>)>;
  void Delete(const log::StartMove& move, Done done);
  // Requests that wait are refused. Idempotent.
  void Stop();

  // What is needed now, by name: the log has it from the next look on.
  std::vector<log::Hold> Holds() const;
  const log::Retention& retention() const { return retention_; }
  // Why the last step failed; "": it did not.
  std::string last_error() const;

 private:
  // What waits for the holds to be as they are needed, and is told whether they are.
  using Task = std::function<void(const Status& held)>;

  void Add(Task task);
  void Loop();
  Status Work(const std::vector<Task>& tasks);
  // Brings the holds of the log to what is needed now.
  Status SetHolds();
  std::vector<log::Hold> NeededHolds() const;

  const Parts parts_;
  log::Retention retention_;
  os::Thread thread_;

  mutable Mutex mu_;
  CondVar wake_;
  std::vector<Task> tasks_ ST_GUARDED_BY(mu_);
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  bool has_more_ ST_GUARDED_BY(mu_) = false;
  std::string last_error_ ST_GUARDED_BY(mu_);
};

}  // namespace st::app
