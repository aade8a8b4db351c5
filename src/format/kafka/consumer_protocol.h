// The bytes by which the consumers of a group agree, inside JoinGroup and SyncGroup: what the
// leader assigns a member. Only groups of protocol type "consumer" have them.
//
// Pure.
// Limits:  kMaxAssignedPartitions, kMaxTopicNameBytes (limits.h).
// Source:  Kafka's ConsumerProtocolAssignment, versions 0 to 3, which have the same fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace st::kafka {

struct AssignedTopic {
  std::string_view name;
  std::vector<std::int32_t> partitions;
};

// The topics are views into the bytes. A version above 3 is read as 3, as Kafka does: later
// versions only add fields behind the known ones.
// nullopt: the bytes are no assignment; a member without one has no bytes at all.
std::optional<std::vector<AssignedTopic>> DecodeAssignment(std::string_view bytes);

}  // namespace st::kafka
