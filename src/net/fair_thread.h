// A thread for work that would block an io thread, shared fairly between clients.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "os/thread.h"

namespace st::net {

// Runs one job at a time, of each client in turn: a client with many jobs delays another's by one.
//
// Threads: safe from any; jobs run on its thread, and an exception ends its job alone.
// Limits:  none of its own: the caller submits at most the requests that it handles at a time.
class FairThread {
 public:
  using Job = std::move_only_function<void()>;
  explicit FairThread(const std::string& name) : thread_(name, [this] { Run(); }) {}
  FairThread(const FairThread&) = delete;
  FairThread& operator=(const FairThread&) = delete;
  ~FairThread() { Stop(); }

  // Drops `job` once it has stopped.
  void Submit(const std::string& client, Job job);
  // Drops waiting jobs and joins. Idempotent.
  void Stop();

 private:
  void Run();
  bool Next(Job& job);

  Mutex mu_;
  CondVar submitted_;
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  std::unordered_map<std::string, std::deque<Job>> jobs_ ST_GUARDED_BY(mu_);
  std::deque<std::string> turns_ ST_GUARDED_BY(mu_);  // clients with jobs
  os::Thread thread_;
};

}  // namespace st::net
