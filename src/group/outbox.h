// What is to run once a lock is released: in the order in which it was added, on one thread at a
// time.
//
// Threads: safe from any thread.
#pragma once

#include <functional>
#include <vector>

#include "base/mutex.h"

namespace st::group {

class Outbox {
 public:
  void Add(std::function<void()> one);
  // Runs what was added, and what these add; returns at once where another thread does that.
  void Drain();

 private:
  Mutex mu_;
  std::vector<std::function<void()>> waiting_ ST_GUARDED_BY(mu_);
  bool is_draining_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace st::group
