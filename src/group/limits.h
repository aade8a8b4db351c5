// Limits of consumer groups beside those of the settings (Settings in settings.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::group {

// Bytes of all groups: what their members, members to come, assignments and offsets take in memory.
inline constexpr std::uint64_t kMaxGroupBytes = 64ULL << 20;
// Of them those that one client address added since the start.
inline constexpr std::uint64_t kMaxClientGroupBytes = kMaxGroupBytes / 2;
// An address adds up to the free ones divided by this and the number of other addresses, so that
// the next address finds room too.
inline constexpr std::uint64_t kGroupRoomShare = 1;
// What a group, a member and an offset count for beside their texts.
inline constexpr std::uint64_t kGroupOverheadBytes = 1'024;
inline constexpr std::uint64_t kMemberOverheadBytes = 1'024;
inline constexpr std::uint64_t kOffsetOverheadBytes = 256;
// What a topic of a subscription by name counts for beside its name, and a partition of a topic
// that a group of the new protocol reads: it is in a target, in an assignment and among the owners.
inline constexpr std::uint64_t kSubscribedTopicBytes = 64;
inline constexpr std::uint64_t kGroupPartitionBytes = 256;
// Of a pattern of names of topics, and of the memory that one takes while it is matched.
inline constexpr std::size_t kMaxPatternBytes = 1'024;
inline constexpr std::int64_t kMaxPatternMemory = 256 << 10;
// What matches the patterns of a group is looked for so long; topics behind that do not match.
inline constexpr std::int64_t kMaxPatternMatchUs = 50'000;
// A group looks for topics of its patterns at most so often, as in Kafka; and at least so often.
inline constexpr std::int64_t kPatternMinRefreshMs = 10'000;
inline constexpr std::int64_t kPatternMaxRefreshMs = 600'000;
// A group looks for new partitions of its topics at a heartbeat, but not sooner again.
inline constexpr std::int64_t kTopicsCheckUs = 1'000'000;
// Of a group's id; longer ones are refused as invalid.
inline constexpr std::size_t kMaxGroupIdBytes = 1'024;
// Of a client's id in the id of its member.
inline constexpr std::size_t kMaxClientIdInMemberBytes = 255;
// Of a commit's metadata, as Kafka's offset.metadata.max.bytes.
inline constexpr std::size_t kMaxOffsetMetadataBytes = 4'096;
// A member that joins for the first time may wait this long for the rebalance.
inline constexpr std::int64_t kNewMemberTimeoutMs = 300'000;
// Time between looks for offsets that are past their retention.
inline constexpr std::int64_t kRetentionCheckUs = 60'000'000;
// Assigned partitions that the description of a group has, of all its members.
inline constexpr std::size_t kMaxDescribedPartitions = 50'000;
// Groups that the metrics name; the others count in sums alone.
inline constexpr std::size_t kMaxMeasuredGroups = 200;

}  // namespace st::group
