// Limits of the collector.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::collect {

// Events that are not answered yet, over all topics; a setting.
inline constexpr std::uint64_t kMaxInFlightBytes = 64 << 20;
// Bytes that an event counts beside its value: its entry in the queue and its responder.
inline constexpr std::uint64_t kEventOverheadBytes = 512;
inline constexpr std::uint64_t kMaxBatchBytes = 4 << 20;  // one record batch

}  // namespace st::collect
