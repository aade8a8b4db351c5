// Limits of footers of Parquet files.
#pragma once

#include <cstdint>

namespace st::worker::parquet {

// A footer that is longer is not read.
inline constexpr std::uint64_t kMaxFooterBytes = std::uint64_t{64} << 20;
// Structs in structs; a footer has seven.
inline constexpr int kMaxThriftDepth = 32;

}  // namespace st::worker::parquet
