#include "os/system_time.h"

#include <time.h>

namespace st::os {
namespace {

std::int64_t ReadClockUs(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

std::int64_t SystemNowUs() { return ReadClockUs(CLOCK_REALTIME); }
std::int64_t SystemMonotonicUs() { return ReadClockUs(CLOCK_MONOTONIC); }

void SleepUs(std::int64_t us) {
  const timespec time{.tv_sec = us / 1'000'000, .tv_nsec = us % 1'000'000 * 1'000};
  ::nanosleep(&time, nullptr);
}

}  // namespace st::os
