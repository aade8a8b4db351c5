// Limits of the Kafka adapter.
#pragma once

#include <cstdint>

namespace st::api {

inline constexpr std::int64_t kMaxFetchBytes = 50 << 20;  // one answer, but for its first batch
inline constexpr std::int64_t kMaxFetchWaitMs = 30'000;   // a long poll
// A long poll that woke below min_bytes looks again no sooner than this.
inline constexpr std::int64_t kFetchPauseUs = 5'000;
inline constexpr std::uint64_t kMaxRecordBytes = 128 << 20;  // of one batch, decompressed
inline constexpr std::size_t kKeptScratchBytes = 4 << 20;    // between batches
inline constexpr std::uint64_t kMaxRequestBytes = 100 << 20;

}  // namespace st::api
