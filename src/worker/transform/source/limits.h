// Limits of reading a job's sources.
#pragma once

#include <cstdint>

namespace st::worker::transform::source {

// Size of one decompressed batch; the records of a larger one become one dead letter.
inline constexpr std::uint64_t kMaxBatchMemory = 256ULL << 20;

}  // namespace st::worker::transform::source
