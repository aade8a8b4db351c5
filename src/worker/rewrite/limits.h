// Limits of rewrites.
#pragma once

#include <cstdint>

namespace st::worker::rewrite {

// Row groups are copied where they have so many rows on the average: a third of those that DuckDB
// writes.
inline constexpr std::int64_t kMinCopiedRows = 40'960;

}  // namespace st::worker::rewrite
