// Returns free memory of a long-running process to the system (malloc(3) of glibc).
#pragma once

#include <cstdint>

namespace st::os {

// Makes the C library return large buffers to the system when they are freed. By default it keeps
// memory of that size, after the first such buffer, in the heap of the thread that used it, and a
// server stays as large as the largest answers of all its threads. Call once, before threads start.
void ReturnLargeBuffers();

// Returns the free memory of all heaps to the system when the process has little to do; otherwise
// it would stay as large as at its busiest moment.
//
// Threads: one.
class IdleMemory {
 public:
  // Between two calls of Step.
  static constexpr std::int64_t kPeriodUs = 10'000'000;
  // Processor time in a period from which on a process counts as busy: it would soon allocate the
  // returned memory again, and its threads would wait for their heaps meanwhile.
  static constexpr std::int64_t kBusyUs = kPeriodUs / 20;
  // Processor time since memory was returned last, below which there is too little to return.
  static constexpr std::int64_t kTouchedUs = 10'000;

  // True: memory was given back. `cpu_us`: of all threads since the process began.
  bool Step(std::int64_t cpu_us);
  bool Step();

 private:
  std::int64_t last_us_ = 0;      // at the last call
  std::int64_t returned_us_ = 0;  // when memory was given back
};

}  // namespace st::os
