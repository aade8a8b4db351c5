// The callers that wait for the next append to one of several partitions.
//
// The cost of an append depends on the waiters of its own partitions, not on how many others wait.
//
// Threads: safe from any thread; `wake` runs on the thread that calls Wake.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"

namespace st::log {

class AppendWaiters {
 public:
  // Log::WaitForAppend and Log::CancelWait.
  std::uint64_t Add(std::vector<TopicPartition> tps, std::function<void()> wake);
  void Cancel(std::uint64_t handle);
  // Runs `wake` of each waiter for one of these partitions once.
  void Wake(const std::set<TopicPartition>& appended);

 private:
  struct Waiter {
    std::vector<TopicPartition> tps;
    std::function<void()> wake;  // empty after it ran
  };

  Mutex mu_;
  std::uint64_t next_ ST_GUARDED_BY(mu_) = 1;
  std::map<std::uint64_t, Waiter> waiters_ ST_GUARDED_BY(mu_);
  // May name waiters that were woken already.
  std::map<TopicPartition, std::vector<std::uint64_t>> by_partition_ ST_GUARDED_BY(mu_);
};

}  // namespace st::log
