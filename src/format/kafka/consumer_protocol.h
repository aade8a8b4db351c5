// The bytes by which the consumers of a group agree, inside JoinGroup and SyncGroup: what a member
// subscribes to, and what the leader assigns it. Only groups of protocol type "consumer" have them.
//
// Pure.
// Limits:  kMaxAssignedPartitions, kMaxRequestNames, kMaxTopicNameBytes (limits.h).
// Source:  Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment, versions 0 to 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace st::kafka {

// Texts are views into the bytes that were decoded. A version above 3 is read as 3, as Kafka does:
// later versions only add fields behind the known ones.

struct AssignedTopic {
  std::string_view name;
  std::vector<std::int32_t> partitions;
};
struct Assignment {
  std::vector<AssignedTopic> topics;
  std::string_view user_data;  // of the assignor alone
};
// nullopt: the bytes are no assignment; a member without one has no bytes at all.
std::optional<Assignment> DecodeAssignment(std::string_view bytes);
// Of a version from 0 to 3, without data of an assignor.
std::string EncodeAssignment(std::int16_t version, const std::vector<AssignedTopic>& topics);

struct Subscription {
  std::int16_t version = 0;  // at most 3
  std::vector<std::string_view> topics;
  std::vector<AssignedTopic> owned;      // from version 1 on
  std::optional<std::string_view> rack;  // from version 3 on
  // False: what follows the topics does not decode. Such members exist: kafka-go sends less than
  // version 1 has.
  bool is_whole = true;
};
// nullopt: the bytes do not begin as a subscription does.
std::optional<Subscription> DecodeSubscription(std::string_view bytes);

}  // namespace st::kafka
