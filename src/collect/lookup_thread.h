// A thread that runs jobs which read the disk, in their order, so that the caller does not wait for
// the disk.
//
// Threads: Post from any thread; jobs run on the thread "key-lookup", which the first job starts.
// Owner:   Collector. The destructor runs the jobs that wait.
// Limits:  none: the collector's limit of bytes in flight bounds the jobs.
#pragma once

#include <deque>
#include <functional>

#include "base/mutex.h"
#include "os/thread.h"

namespace st::collect {

class LookupThread {
 public:
  using Job = std::move_only_function<void()>;
  LookupThread() = default;
  ~LookupThread();
  void Post(Job job);

 private:
  void Loop();

  Mutex mu_;
  CondVar wake_;
  std::deque<Job> jobs_ ST_GUARDED_BY(mu_);
  bool is_started_ ST_GUARDED_BY(mu_) = false;
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  os::Thread thread_;  // set once, under mu_
};

}  // namespace st::collect
