// What a process that serves for months gives back of the memory that it had (malloc(3) of glibc).
#pragma once

#include <cstdint>

namespace st::os {

// Large buffers go back to the system when they are freed. The C library learns from the first one
// to keep such memory in the heap of the thread that had it, and a server then stays as large as
// the largest answers of all its threads. Once, before threads start.
void ReturnLargeBuffers();

// Gives the free memory of all heaps back once the process has little to do: it would go on being
// as large as its busiest moment.
//
// Threads: one.
class IdleMemory {
 public:
  // Between two calls of Step.
  static constexpr std::int64_t kPeriodUs = 10'000'000;
  // Processor time in a period from which on a process is busy: memory that it gives back would
  // soon be wanted again, and its threads would wait for their heaps meanwhile.
  static constexpr std::int64_t kBusyUs = kPeriodUs / 20;
  // Processor time since memory was given back last, below which there is nothing new to give.
  static constexpr std::int64_t kTouchedUs = 10'000;

  // True: memory was given back. `cpu_us`: of all threads since the process began.
  bool Step(std::int64_t cpu_us);
  bool Step();

 private:
  std::int64_t last_us_ = 0;      // at the last call
  std::int64_t returned_us_ = 0;  // when memory was given back
};

}  // namespace st::os
