// Limits of the engine that a job runs on.
#pragma once

#include <cstdint>

namespace st::worker::engine {

// Pause between interrupts of a running statement that is over its time. The client's own limit is
// passed first only where the clocks of two processes differ.
inline constexpr std::int64_t kInterruptEveryUs = 10'000;

}  // namespace st::worker::engine
