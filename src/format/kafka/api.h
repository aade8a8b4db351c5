// The APIs of Kafka that are known here, and the type of the range of versions that one offers.
//
// Each API has a header of its own with its range, its request and its answer as structs, and
// their codec. All of these are pure, and total on hostile input: a decoder returns nullopt where
// the bytes do not hold the request, or one over a limit of limits.h. Names are views into the
// frame, which must outlive what was decoded.
//
// A range that has flexible versions (KIP-482) says from which on. The others end before their
// first: no client in use needs those.
#pragma once

#include <cstdint>
#include <limits>

namespace st::kafka {

// Kafka protocol guide, "API Keys".
enum class ApiKey : std::int16_t {
  kProduce = 0,
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kOffsetCommit = 8,
  kOffsetFetch = 9,
  kFindCoordinator = 10,
  kJoinGroup = 11,
  kHeartbeat = 12,
  kLeaveGroup = 13,
  kSyncGroup = 14,
  kDescribeGroups = 15,
  kListGroups = 16,
  kApiVersions = 18,
  kCreateTopics = 19,
  kDeleteTopics = 20,
  kDeleteRecords = 21,
  kInitProducerId = 22,
  kOffsetForLeaderEpoch = 23,
  kDescribeAcls = 29,
  kCreateAcls = 30,
  kDeleteAcls = 31,
  kDescribeConfigs = 32,
  kAlterConfigs = 33,
  kAlterReplicaLogDirs = 34,
  kDescribeLogDirs = 35,
  kCreatePartitions = 37,
  kDeleteGroups = 42,
  kElectLeaders = 43,
  kIncrementalAlterConfigs = 44,
  kAlterPartitionReassignments = 45,
  kListPartitionReassignments = 46,
  kOffsetDelete = 47,
  kDescribeClientQuotas = 48,
  kAlterClientQuotas = 49,
  kDescribeUserScramCredentials = 50,
  kAlterUserScramCredentials = 51,
  kDescribeCluster = 60,
  kDescribeProducers = 61,
  kConsumerGroupHeartbeat = 68,
  kConsumerGroupDescribe = 69,
  kListConfigResources = 74,
  kDescribeTopicPartitions = 75,
};

// The versions that the server advertises, and the lowest one that it serves. As with Kafka 4, an
// advertised version may be one that is refused.
struct ApiRange {
  ApiKey key;
  std::int16_t min;
  std::int16_t max;
  std::int16_t served_from = min;
  std::int16_t flexible_from = std::numeric_limits<std::int16_t>::max();
  constexpr bool Serves(std::int16_t version) const {
    return version >= served_from && version <= max;
  }
  constexpr bool IsFlexible(std::int16_t version) const { return version >= flexible_from; }
};

}  // namespace st::kafka
