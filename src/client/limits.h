// Limits of the clients.
#pragma once

#include <cstdint>

namespace st::client {

// Longest wait for one answer of a Kafka broker.
inline constexpr std::int32_t kKafkaWaitMs = 10'000;
// Bytes of one partition that a Kafka broker is asked for at once, and bytes that are read ahead.
inline constexpr std::int32_t kKafkaFetchBytes = 1 << 20;
inline constexpr std::int32_t kKafkaQueuedBytes = 16 << 20;
// Wait for records that are on their way, before the client is told to look for more.
inline constexpr std::int32_t kKafkaWakeMs = 5;
// How long a broker keeps a fetch that finds nothing. A fetch of another partition waits behind it,
// so it is short where partitions are read one after the other to their ends.
inline constexpr std::int32_t kKafkaReadingFetchMs = 20;
inline constexpr std::int32_t kKafkaFollowingFetchMs = 100;
// Records that one poll of a consumer hands over at the most.
inline constexpr std::uint32_t kKafkaPollRecords = 1000;

}  // namespace st::client
