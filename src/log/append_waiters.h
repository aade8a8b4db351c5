// Who waits for the next append to one of several partitions.
//
// What an append costs here depends on who waits for its partitions, not on how many others wait.
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
  // Runs `wake` of everybody who waits for one of these, once each.
  void Wake(const std::set<TopicPartition>& appended);

 private:
  struct Waiter {
    std::vector<TopicPartition> tps;
    std::function<void()> wake;  // empty once it ran
  };

  Mutex mu_;
  std::uint64_t next_ ST_GUARDED_BY(mu_) = 1;
  std::map<std::uint64_t, Waiter> waiters_ ST_GUARDED_BY(mu_);
  // May name waiters that were woken already.
  std::map<TopicPartition, std::vector<std::uint64_t>> by_partition_ ST_GUARDED_BY(mu_);
};

}  // namespace st::log
