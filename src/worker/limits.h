// Limits of a worker's process.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::worker {

inline constexpr std::size_t kMaxWaitingFrames = 16;  // the client sends one job at a time
// How often a worker without a job checks whether an open statement is over its time.
inline constexpr std::int64_t kLookAtOpenUs = 1'000'000;

}  // namespace st::worker
