// The epoch of every partition's leader: there is one node, which leads them all from the start.
// Metadata, ListOffsets, OffsetForLeaderEpoch and the stored batches say the same.
#pragma once

#include <cstdint>

#include "format/kafka/error_code.h"

namespace st::kafka {

inline constexpr std::int32_t kLeaderEpoch = 0;
inline constexpr std::int32_t kNoLeaderEpoch = -1;

// Checks the epoch in which a client believes a partition to be (KIP-320).
constexpr ErrorCode CheckLeaderEpoch(std::int32_t current_epoch) {
  if (current_epoch == kNoLeaderEpoch || current_epoch == kLeaderEpoch) return ErrorCode::kNone;
  return current_epoch > kLeaderEpoch ? ErrorCode::kUnknownLeaderEpoch
                                      : ErrorCode::kFencedLeaderEpoch;
}

}  // namespace st::kafka
