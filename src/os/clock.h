// Time enters through here, so that tests can step it.
#pragma once

#include <cstdint>
#include <memory>

namespace st::os {

// Threads: safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since the Unix epoch, UTC; may jump either way.
  virtual std::int64_t NowUs() = 0;
  // Microseconds on a clock that never goes back; for deadlines and durations.
  virtual std::int64_t MonotonicUs() = 0;
};

std::unique_ptr<Clock> MakeSystemClock();

}  // namespace st::os
