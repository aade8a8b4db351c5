#include "log/append_waiters.h"

#include <algorithm>
#include <span>
#include <utility>

namespace st::log {
namespace {

// The commit thread waits for the mutex no longer than so many partitions take.
constexpr std::size_t kPartitionsAtOnce = 256;

template <typename Visit>
void InParts(std::span<const TopicPartition> tps, const Visit& visit) {
  while (!tps.empty()) {
    const auto part = tps.first(std::min(tps.size(), kPartitionsAtOnce));
    if (!visit(part)) return;
    tps = tps.subspan(part.size());
  }
}

}  // namespace

std::uint64_t AppendWaiters::Add(std::vector<TopicPartition> tps, std::function<void()> wake) {
  std::uint64_t handle = 0;
  {
    MutexLock lock(mu_);
    handle = next_++;
    waiters_[handle] = Waiter{.tps = tps, .wake = std::move(wake)};
  }
  InParts(tps, [&](std::span<const TopicPartition> part) {
    MutexLock lock(mu_);
    const auto waiter = waiters_.find(handle);
    if (waiter == waiters_.end() || !waiter->second.wake) return false;
    for (const auto& tp : part) by_partition_[tp].push_back(handle);
    return true;
  });
  return handle;
}

void AppendWaiters::Cancel(std::uint64_t handle) {
  std::vector<TopicPartition> tps;
  {
    MutexLock lock(mu_);
    const auto waiter = waiters_.find(handle);
    if (waiter == waiters_.end()) return;
    tps = std::move(waiter->second.tps);
    waiters_.erase(waiter);
  }
  InParts(tps, [&](std::span<const TopicPartition> part) {
    MutexLock lock(mu_);
    for (const auto& tp : part) {
      const auto found = by_partition_.find(tp);
      if (found == by_partition_.end()) continue;
      std::erase(found->second, handle);
      if (found->second.empty()) by_partition_.erase(found);
    }
    return true;
  });
}

void AppendWaiters::Wake(const std::set<TopicPartition>& appended) {
  std::vector<std::function<void()>> wakes;
  {
    MutexLock lock(mu_);
    for (const auto& tp : appended) {
      const auto found = by_partition_.find(tp);
      if (found == by_partition_.end()) continue;
      for (const auto handle : found->second) {
        const auto waiter = waiters_.find(handle);
        if (waiter == waiters_.end() || !waiter->second.wake) continue;
        wakes.push_back(std::exchange(waiter->second.wake, nullptr));
      }
      by_partition_.erase(found);
    }
  }
  for (auto& wake : wakes) wake();
}

}  // namespace st::log
