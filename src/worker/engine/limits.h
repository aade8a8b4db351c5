// Limits of what a job runs on.
#pragma once

#include <cstdint>

namespace st::worker::engine {

// How often a running statement is interrupted again once its time is over. The client's own limit
// passes first only where the clocks of two processes disagree.
inline constexpr std::int64_t kInterruptEveryUs = 10'000;

}  // namespace st::worker::engine
