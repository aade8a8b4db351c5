// Limits of the Kafka adapter.
#pragma once

#include <cstdint>

namespace st::api {

inline constexpr std::int64_t kMaxFetchBytes = 50 << 20;  // one answer, but for its first batch
inline constexpr std::int64_t kMaxFetchWaitMs = 30'000;   // a long poll
inline constexpr std::uint64_t kMaxRequestBytes = 100 << 20;

}  // namespace st::api
