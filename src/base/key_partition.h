// The partition of a topic that the key of a record chooses.
//
// Threads: a pure function.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace st {

// As Kafka's Java clients choose it: murmur2 of the key without its sign, modulo the partitions.
// Requires: partitions > 0.
PartitionId PartitionOfKey(std::string_view key, std::int32_t partitions);

}  // namespace st
