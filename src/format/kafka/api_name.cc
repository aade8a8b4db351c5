#include "format/kafka/api_name.h"

#include <algorithm>
#include <array>

namespace st::kafka {
namespace {

struct NamedApi {
  ApiKey key;
  std::string_view name;
};

constexpr auto kNames = std::to_array<NamedApi>({
    {ApiKey::kProduce, "Produce"},
    {ApiKey::kFetch, "Fetch"},
    {ApiKey::kListOffsets, "ListOffsets"},
    {ApiKey::kMetadata, "Metadata"},
    {ApiKey::kOffsetCommit, "OffsetCommit"},
    {ApiKey::kOffsetFetch, "OffsetFetch"},
    {ApiKey::kFindCoordinator, "FindCoordinator"},
    {ApiKey::kJoinGroup, "JoinGroup"},
    {ApiKey::kHeartbeat, "Heartbeat"},
    {ApiKey::kLeaveGroup, "LeaveGroup"},
    {ApiKey::kSyncGroup, "SyncGroup"},
    {ApiKey::kDescribeGroups, "DescribeGroups"},
    {ApiKey::kListGroups, "ListGroups"},
    {ApiKey::kApiVersions, "ApiVersions"},
    {ApiKey::kCreateTopics, "CreateTopics"},
    {ApiKey::kDeleteTopics, "DeleteTopics"},
    {ApiKey::kDeleteRecords, "DeleteRecords"},
    {ApiKey::kInitProducerId, "InitProducerId"},
    {ApiKey::kOffsetForLeaderEpoch, "OffsetForLeaderEpoch"},
    {ApiKey::kDescribeAcls, "DescribeAcls"},
    {ApiKey::kCreateAcls, "CreateAcls"},
    {ApiKey::kDeleteAcls, "DeleteAcls"},
    {ApiKey::kDescribeConfigs, "DescribeConfigs"},
    {ApiKey::kAlterConfigs, "AlterConfigs"},
    {ApiKey::kAlterReplicaLogDirs, "AlterReplicaLogDirs"},
    {ApiKey::kDescribeLogDirs, "DescribeLogDirs"},
    {ApiKey::kCreatePartitions, "CreatePartitions"},
    {ApiKey::kDeleteGroups, "DeleteGroups"},
    {ApiKey::kElectLeaders, "ElectLeaders"},
    {ApiKey::kIncrementalAlterConfigs, "IncrementalAlterConfigs"},
    {ApiKey::kAlterPartitionReassignments, "AlterPartitionReassignments"},
    {ApiKey::kListPartitionReassignments, "ListPartitionReassignments"},
    {ApiKey::kOffsetDelete, "OffsetDelete"},
    {ApiKey::kDescribeClientQuotas, "DescribeClientQuotas"},
    {ApiKey::kAlterClientQuotas, "AlterClientQuotas"},
    {ApiKey::kDescribeUserScramCredentials, "DescribeUserScramCredentials"},
    {ApiKey::kAlterUserScramCredentials, "AlterUserScramCredentials"},
    {ApiKey::kDescribeCluster, "DescribeCluster"},
    {ApiKey::kDescribeProducers, "DescribeProducers"},
    {ApiKey::kConsumerGroupHeartbeat, "ConsumerGroupHeartbeat"},
    {ApiKey::kConsumerGroupDescribe, "ConsumerGroupDescribe"},
    {ApiKey::kListConfigResources, "ListConfigResources"},
    {ApiKey::kDescribeTopicPartitions, "DescribeTopicPartitions"},
});

}  // namespace

std::string_view ApiName(ApiKey key) {
  const auto* const found = std::ranges::find(kNames, key, &NamedApi::key);
  return found == kNames.end() ? std::string_view() : found->name;
}

}  // namespace st::kafka
