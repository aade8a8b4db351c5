// Limits of a job that transforms a range of the log.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::worker::transform {

// Bytes of records handed to DuckDB at once (at most one record more).
inline constexpr std::size_t kMaxChunkBytes = 8U << 20;

// Records that a search for failing records keeps in memory; beyond, it ends before the range does.
inline constexpr std::size_t kMaxSearchRecords = 100'000;
inline constexpr std::size_t kMaxSearchBytes = 64U << 20;

}  // namespace st::worker::transform
