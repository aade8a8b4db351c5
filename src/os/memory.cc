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
  // Larger than any buffer that an event usually needs: a mapped buffer costs fresh pages each
  // time.
  constexpr int kMappedBytes = 4 << 20;
  // The free memory that each heap keeps, so that a busy thread does not get the same pages from
  // the system again and again.
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
