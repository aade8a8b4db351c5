// Limits of Kafka requests, checked while they are decoded and before memory is allocated.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::kafka {

// Names of topics or resources in one request, repeats included: a repeat is dropped as it is read.
inline constexpr std::int32_t kMaxRequestNames = 1 << 18;
// Topics or resources in one request, without repeats.
inline constexpr std::size_t kMaxRequestTopics = 10'000;
// Partitions of all topics of one request.
inline constexpr std::int32_t kMaxRequestPartitions = 4'096;
// Settings that one request names, of all topics or resources.
inline constexpr std::int32_t kMaxRequestSettings = 1 << 16;
// Assignors that one JoinGroup offers.
inline constexpr std::int32_t kMaxRequestProtocols = 64;
// Members in one request: the assignments of a SyncGroup, those that leave.
inline constexpr std::int32_t kMaxRequestMembers = 10'000;
// Groups in one request, and the states or types that one ListGroups asks for.
inline constexpr std::int32_t kMaxRequestGroups = 1'000;
// Brokers to which one AlterPartitionReassignments would move partitions, of all partitions.
inline constexpr std::int32_t kMaxRequestReplicas = 1 << 16;
// Accesses or filters of them in one request about ACLs.
inline constexpr std::int32_t kMaxRequestAcls = 10'000;
// Users in one request about their credentials, those to delete and those to make each.
inline constexpr std::int32_t kMaxRequestUsers = 10'000;
// Parts of one request about quotas: its entries, their entities and their changes together.
inline constexpr std::int32_t kMaxRequestQuotas = 10'000;
// Partitions of one member's assignment, or of those that it says it has, as many as a log has;
// more are no assignment.
inline constexpr std::int32_t kMaxAssignedPartitions = 100'000;
// No topic has a longer name; it is answered with an error.
inline constexpr std::size_t kMaxTopicNameBytes = 249;
// Of an error's text in an answer.
inline constexpr std::size_t kMaxMessageBytes = 1'000;

}  // namespace st::kafka
