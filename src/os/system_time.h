// The time of the system, for code that waits for real sockets and processes. Everything else takes
// an os::Clock, so that tests can step it.
//
// Threads: safe from any thread.
#pragma once

#include <cstdint>

namespace st::os {

// As Clock::NowUs and Clock::MonotonicUs.
std::int64_t SystemNowUs();
std::int64_t SystemMonotonicUs();
// Lets the thread sleep, for states that the system sends no event for. A signal may end it early.
void SleepUs(std::int64_t us);

}  // namespace st::os
