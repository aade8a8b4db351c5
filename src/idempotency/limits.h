// Limits of the store of idempotency keys.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::idempotency {

// Idempotency keys: how long and how many are remembered, whichever ends first.
inline constexpr std::size_t kMaxKeyBytes = 255;
inline constexpr std::size_t kMaxAnswerBodyBytes = 1 << 20;
inline constexpr std::int64_t kKeyWindowMs = 24LL * 3600 * 1000;
inline constexpr std::uint64_t kMaxKeys = 100'000'000;
// In memory, about 100 bytes each; beyond, files are written. At so many times that: kUnavailable.
inline constexpr std::size_t kMemoryKeys = 200'000;
inline constexpr std::size_t kMemoryKeysFactor = 8;
// So many files of one hour and size class are merged into one. Files with more than this share of
// all keys are not merged: they are dropped one by one when there are too many keys.
inline constexpr std::size_t kMergeRuns = 4;
inline constexpr std::uint64_t kMergeShare = 32;
inline constexpr std::int64_t kHourMs = 3600LL * 1000;
inline constexpr std::int64_t kRoundUs = 10'000'000;
// Records that the next opening reads from the log at most, unless a round is late.
inline constexpr std::int64_t kUncoveredRecords = 1'000'000;
inline constexpr std::uint64_t kReadBytes = 4 << 20;
inline constexpr std::uint64_t kMaxAnswerBatchBytes = 256 << 20;  // of one batch, decompressed

}  // namespace st::idempotency
