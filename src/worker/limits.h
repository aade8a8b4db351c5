// Limits of a worker process.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::worker {

inline constexpr std::size_t kMaxWaitingFrames = 16;  // the client sends one job at a time
// The client's own limit passes first only where the clocks of two processes disagree.
inline constexpr std::int64_t kInterruptEveryUs = 10'000;
// How often a worker that is idle but for an open statement looks whether that one's time is over.
inline constexpr std::int64_t kLookAtOpenUs = 1'000'000;
// What one batch may decompress to; a larger one becomes a dead letter.
inline constexpr std::uint64_t kMaxBatchMemory = 256ULL << 20;
// Bytes of records handed to DuckDB at once (at most one record more).
inline constexpr std::size_t kMaxChunkBytes = 8U << 20;

// What a search for failing records keeps in memory; beyond, it ends before the range does.
inline constexpr std::size_t kMaxSearchRecords = 100'000;
inline constexpr std::size_t kMaxSearchBytes = 64U << 20;

}  // namespace st::worker
