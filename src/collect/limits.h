// Limits of the intake.
#pragma once

#include <cstdint>

namespace st::collect {

inline constexpr std::uint64_t kMaxQueuedBytes = 32 << 20;  // events waiting for their batch
inline constexpr std::uint64_t kMaxBatchBytes = 4 << 20;    // one record batch

}  // namespace st::collect
