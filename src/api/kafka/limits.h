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
// A poll counts as one partition more often than it has some where they and the names of their
// topics take more memory than this each.
inline constexpr std::size_t kPolledPartitionBytes = 512;
// Sessions of fetches, and their memory: of all clients, of one client address.
inline constexpr std::size_t kMaxFetchSessions = 1'000;
inline constexpr std::size_t kMaxFetchSessionsPerAddress = 500;
inline constexpr std::size_t kMaxFetchSessionBytes = 32 << 20;
inline constexpr std::size_t kMaxFetchSessionBytesPerAddress = 16 << 20;
// A session without a fetch for so long makes room for another.
inline constexpr std::int64_t kFetchSessionIdleUs = 120'000'000;
// Shortest pause before a long poll that woke below min_bytes reads again.
inline constexpr std::int64_t kFetchPauseUs = 5'000;
// Decompressed size of all compressed batches of one produce request. A batch that is larger by
// itself is refused as too large; one that exceeds it with those before it must be sent again.
inline constexpr std::uint64_t kMaxRequestRecordBytes = 64 << 20;
// A request that decompresses to more than this is checked on the thread for large ones.
inline constexpr std::uint64_t kMaxSmallRecordBytes = 1 << 20;
// A produce request up to this without compressed batches is checked on the io thread.
inline constexpr std::size_t kInlineCheckBytes = 64 << 10;
inline constexpr std::size_t kKeptScratchBytes = 2
                                                 << 20;  // of each checking thread, between batches
inline constexpr std::uint64_t kMaxRequestBytes = 32 << 20;  // a produce request
// Any other request; larger: the connection closes.
inline constexpr std::uint64_t kMaxPlainRequestBytes = 4 << 20;
// Time after which a look-up of offsets by time lets another client's look-up run.
inline constexpr std::int64_t kLookUpSliceUs = 20'000;
// Pause of a fetch whose client has no room for its answer.
inline constexpr std::int64_t kFetchRoomPauseUs = 50'000;
// Bytes of a fetch's answer beside the records, for each partition with its topic's name.
inline constexpr std::uint64_t kFetchedPartitionBytes = 400;

// Partitions in one answer to DescribeTopicPartitions, as with Kafka.
inline constexpr std::int32_t kMaxDescribedPartitions = 2'000;

// Topics that one client address may create at once, and afterwards in each minute.
inline constexpr double kTopicBurst = 250;
inline constexpr double kTopicsPerMinute = 12;
// Beyond, an answer waits this long, so that refusals keep the io thread less busy.
inline constexpr std::int64_t kRateRefusalPauseUs = 500'000;
// The same of all addresses together.
inline constexpr double kServerTopicBurst = 1'000;
inline constexpr double kServerTopicsPerMinute = 60;
// Addresses whose created topics are counted; a new address beyond may create none.
inline constexpr std::size_t kMaxAllowances = 4'096;

}  // namespace st::api
