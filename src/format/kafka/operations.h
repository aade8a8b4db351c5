// Bits of Kafka's AclOperation, of what a client may do. Whoever may ask here may do all of them.
#pragma once

#include <cstdint>

namespace st::kafka {

// Those of a topic: read, write, create, delete, alter, describe, describe and alter configs.
inline constexpr std::int32_t kAllTopicOperations =
    (1 << 3) | (1 << 4) | (1 << 5) | (1 << 6) | (1 << 7) | (1 << 8) | (1 << 10) | (1 << 11);
// Those of the cluster: create, alter, describe, cluster action, describe and alter configs,
// idempotent write.
inline constexpr std::int32_t kAllClusterOperations =
    (1 << 5) | (1 << 7) | (1 << 8) | (1 << 9) | (1 << 10) | (1 << 11) | (1 << 12);

}  // namespace st::kafka
