// The partition that Kafka's Java clients choose for a record's key. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace st::cli {

// Murmur2 with Kafka's seed (org.apache.kafka.common.utils.Utils).
std::uint32_t Murmur2(std::string_view bytes);
// Requires: partitions > 0.
std::int32_t PartitionOfKey(std::string_view key, std::int32_t partitions);

}  // namespace st::cli
