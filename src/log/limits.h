// The log's named limits.
#pragma once

#include <cstdint>

namespace st::log {

inline constexpr std::int32_t kMaxPartitions = 1024;  // of one topic
inline constexpr std::size_t kMaxTopics = 11'000;
inline constexpr std::int64_t kMaxTotalPartitions = 100'000;  // of all topics
// Topics and partitions of the two limits above that are kept for the server's own topics.
inline constexpr std::size_t kOwnTopics = 1'000;
inline constexpr std::int64_t kOwnPartitions = 1'000;
// Names and values of the settings of one topic; of all topics.
inline constexpr std::size_t kMaxTopicSettingsBytes = 4'096;
inline constexpr std::size_t kMaxSettingsBytes = 16ULL << 20;
// An entry with a topic's name and settings.
inline constexpr std::size_t kMaxTopicStateBytes = 256 + kMaxTopicSettingsBytes;
inline constexpr std::uint64_t kMaxBatchBytes = 16ULL << 20;   // one record batch
inline constexpr std::uint64_t kMaxCommitBytes = 32ULL << 20;  // one group commit
inline constexpr std::uint64_t kMinSegmentBytes = 1ULL << 20;
inline constexpr std::size_t kProducerBatches = 5;  // remembered a producer and partition (KIP-98)
// Time for which a producer is remembered on a partition after its last batch there.
inline constexpr std::int64_t kProducerMemoryUs = 24LL * 3600 * 1'000'000;
inline constexpr std::size_t kMaxProducerPairs = 200'000;       // (producer, partition)
inline constexpr std::size_t kMaxClientProducerPairs = 50'000;  // added by one client address
// A client address adds pairs while it has fewer than the free ones divided by this and the number
// of other addresses. n addresses that take all they may leave 3/(n + 3) of the room, so the next
// one finds some.
inline constexpr std::size_t kProducerRoomShare = 3;
inline constexpr std::size_t kMaxHolds = 1'000;
inline constexpr std::size_t kMaxHeldPartitions = 100'000;  // of all holds
// Of all consumer groups: their states and committed offsets with what they take in memory.
inline constexpr std::uint64_t kMaxStoredGroupBytes = 64ULL << 20;
// One change of a group: its members with their subscriptions and assignments, or its offsets.
inline constexpr std::uint64_t kMaxGroupChangeBytes = 16ULL << 20;
// A checkpoint is split into entries of at most this size.
inline constexpr std::size_t kMaxCheckpointPieceBytes = 16ULL << 20;
inline constexpr std::int32_t kMaxCheckpointPieces = 1024;
// Batches that a look-up by time reads: more than one only where headers claim times that no record
// has.
inline constexpr int kMaxBatchesForTime = 16;
// Segments that are kept open for reading.
inline constexpr std::size_t kMaxOpenSegments = 64;
// Closed segments are verified at opening from the newest back, up to this many bytes; older ones
// when they are read and by `log verify`.
inline constexpr std::uint64_t kVerifyAtOpenBytes = 1ULL << 30;
// Starts of partitions that retention moves at a time.
inline constexpr std::uint64_t kMaxStartsAtOnce = 1'000;
// Segments that one entry removes from the log.
inline constexpr std::size_t kMaxSegmentsAtOnce = 64;
// A larger segment is not repaired (log/repair.h).
inline constexpr std::uint64_t kMaxRepairedSegmentBytes = 4ULL << 30;
// Copies of the same bytes of one segment, from repairs that were repeated.
inline constexpr int kMaxCopyNames = 1000;
// Pause between retries of a refused reservation (a full disk, a segment that cannot begin).
inline constexpr std::int64_t kRetryRoomUs = 1'000'000;

}  // namespace st::log
