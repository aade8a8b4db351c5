// Limits of the Kafka adapter.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::api {

inline constexpr std::int64_t kMaxFetchBytes = 16 << 20;  // one answer, but for its first batch
inline constexpr std::int64_t kMaxFetchWaitMs = 30'000;   // a long poll
// Partitions of polls that wait, of one client address and of all; a poll beyond is answered at
// once.
inline constexpr std::int64_t kMaxPolledPartitions = 100'000;
inline constexpr std::int64_t kMaxPolledPartitionsInAll = 400'000;
// A long poll that woke below min_bytes looks again no sooner than this.
inline constexpr std::int64_t kFetchPauseUs = 5'000;
// Of all compressed batches of one produce request, decompressed. A batch beyond it alone is too
// large; one that comes behind others is to be sent again.
inline constexpr std::uint64_t kMaxRequestRecordBytes = 64 << 20;
// A request that decompresses to more than this is checked in the lane for large ones.
inline constexpr std::uint64_t kMaxSmallRecordBytes = 1 << 20;
// A produce request up to this without compressed batches is checked on the io thread.
inline constexpr std::size_t kInlineCheckBytes = 64 << 10;
inline constexpr std::size_t kKeptScratchBytes = 2 << 20;    // of each lane, between batches
inline constexpr std::uint64_t kMaxRequestBytes = 32 << 20;  // a produce request
// Any other request; larger: the connection closes.
inline constexpr std::uint64_t kMaxPlainRequestBytes = 4 << 20;
// A look-up of offsets by time lets others have their turn after so long.
inline constexpr std::int64_t kLookUpSliceUs = 20'000;
// A fetch whose client has no room for its answer looks again after so long.
inline constexpr std::int64_t kFetchRoomPauseUs = 50'000;
// What a fetch's answer needs beside the records, a partition (its topic's name included).
inline constexpr std::uint64_t kFetchedPartitionBytes = 400;

// Topics that one client address may make at once, and then in a minute.
inline constexpr double kTopicBurst = 250;
inline constexpr double kTopicsPerMinute = 12;
// The same of all addresses together.
inline constexpr double kServerTopicBurst = 1'000;
inline constexpr double kServerTopicsPerMinute = 60;
// Addresses whose making of topics is remembered; beyond, new ones make none.
inline constexpr std::size_t kMaxRations = 4'096;

}  // namespace st::api
