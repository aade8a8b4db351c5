// The log's named limits.
#pragma once

#include <cstdint>

namespace st::log {

inline constexpr std::int32_t kMaxPartitions = 1024;  // of one topic
inline constexpr std::size_t kMaxTopics = 10'000;
inline constexpr std::uint64_t kMaxBatchBytes = 16ULL << 20;   // one record batch
inline constexpr std::uint64_t kMaxCommitBytes = 32ULL << 20;  // one group commit
inline constexpr std::uint64_t kMinSegmentBytes = 1ULL << 20;
inline constexpr std::size_t kProducerBatches = 5;     // remembered a producer (KIP-98)
inline constexpr std::size_t kMaxProducers = 100'000;  // oldest forgotten beyond
// Closed segments are verified at opening from the newest back, up to this many bytes; older ones
// when they are read and by `log verify`.
inline constexpr std::uint64_t kVerifyAtOpenBytes = 1ULL << 30;

}  // namespace st::log
