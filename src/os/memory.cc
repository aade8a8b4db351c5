#include "os/memory.h"

#include <malloc.h>
#include <time.h>

#include <utility>

namespace st::os {
namespace {

std::int64_t ProcessorUs() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

void ReturnLargeBuffers() {
  // Above any buffer of the usual way of an event, which would pay for fresh pages each time.
  constexpr int kMappedBytes = 4 << 20;
  // Of each heap: a busy thread does not ask the system for the same pages over and over.
  constexpr int kKeptBytes = 8 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kMappedBytes);
  ::mallopt(M_TRIM_THRESHOLD, kKeptBytes);
}

bool IdleMemory::Step(std::int64_t cpu_us) {
  const std::int64_t used_us = cpu_us - std::exchange(last_us_, cpu_us);
  if (used_us >= kBusyUs || cpu_us - returned_us_ < kTouchedUs) return false;
  ::malloc_trim(0);
  returned_us_ = cpu_us;
  return true;
}

bool IdleMemory::Step() { return Step(ProcessorUs()); }

}  // namespace st::os
