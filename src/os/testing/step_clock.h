// A clock that stands still until a test steps it.
#pragma once

#include <atomic>

#include "os/clock.h"

namespace st::os::testing {

// Threads: safe from any thread.
class StepClock final : public Clock {
 public:
  explicit StepClock(std::int64_t start_us = 1'700'000'000'000'000) : now_us_(start_us) {}
  std::int64_t NowUs() override { return now_us_.load(); }
  std::int64_t MonotonicUs() override { return now_us_.fetch_add(tick_us_.load()); }
  void Advance(std::int64_t us) { now_us_.fetch_add(us); }
  // From now on whoever asks for the monotonic time moves it on.
  void SetTick(std::int64_t us) { tick_us_ = us; }

 private:
  std::atomic<std::int64_t> now_us_;
  std::atomic<std::int64_t> tick_us_ = 0;
};

}  // namespace st::os::testing
