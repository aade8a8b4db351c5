// Hostile bytes as every request that is understood, in every version, and as what it carries.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "format/kafka/alter_client_quotas.h"
#include "format/kafka/alter_configs.h"
#include "format/kafka/alter_partition_reassignments.h"
#include "format/kafka/alter_replica_log_dirs.h"
#include "format/kafka/alter_user_scram_credentials.h"
#include "format/kafka/consumer_group_describe.h"
#include "format/kafka/consumer_group_heartbeat.h"
#include "format/kafka/consumer_protocol.h"
#include "format/kafka/create_acls.h"
#include "format/kafka/create_partitions.h"
#include "format/kafka/create_topics.h"
#include "format/kafka/delete_acls.h"
#include "format/kafka/delete_groups.h"
#include "format/kafka/delete_records.h"
#include "format/kafka/delete_topics.h"
#include "format/kafka/describe_acls.h"
#include "format/kafka/describe_client_quotas.h"
#include "format/kafka/describe_cluster.h"
#include "format/kafka/describe_configs.h"
#include "format/kafka/describe_groups.h"
#include "format/kafka/describe_log_dirs.h"
#include "format/kafka/describe_producers.h"
#include "format/kafka/describe_topic_partitions.h"
#include "format/kafka/describe_user_scram_credentials.h"
#include "format/kafka/elect_leaders.h"
#include "format/kafka/fetch.h"
#include "format/kafka/find_coordinator.h"
#include "format/kafka/heartbeat.h"
#include "format/kafka/init_producer_id.h"
#include "format/kafka/join_group.h"
#include "format/kafka/leave_group.h"
#include "format/kafka/list_config_resources.h"
#include "format/kafka/list_groups.h"
#include "format/kafka/list_offsets.h"
#include "format/kafka/list_partition_reassignments.h"
#include "format/kafka/metadata.h"
#include "format/kafka/offset_commit.h"
#include "format/kafka/offset_delete.h"
#include "format/kafka/offset_fetch.h"
#include "format/kafka/offset_for_leader_epoch.h"
#include "format/kafka/produce.h"
#include "format/kafka/request_header.h"
#include "format/kafka/sync_group.h"
#include "format/record/record_batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(st::kafka::DecodeAssignment(bytes));
  static_cast<void>(st::kafka::DecodeSubscription(bytes));
  auto header = st::kafka::DecodeHeader(bytes);
  if (!header) return 0;
  for (std::int16_t version = 0; version <= 18; ++version) {
    header->version = version;
    if (const auto produce = st::kafka::DecodeProduce(*header)) {
      std::string scratch;
      for (const auto& topic : produce->topics) {
        for (const auto& part : topic.partitions) {
          st::Ignore(st::record::CheckBatch(part.records), "must not crash");
          st::Ignore(st::record::CheckRecords(part.records, 1 << 20, scratch), "must not crash");
        }
      }
    }
    static_cast<void>(st::kafka::DecodeFetch(*header));
    static_cast<void>(st::kafka::DecodeListOffsets(*header));
    static_cast<void>(st::kafka::DecodeMetadata(*header));
    static_cast<void>(st::kafka::DecodeInitProducerId(*header));
    static_cast<void>(st::kafka::DecodeCreateTopics(*header));
    static_cast<void>(st::kafka::DecodeDescribeConfigs(*header));
    static_cast<void>(st::kafka::DecodeCreatePartitions(*header));
    static_cast<void>(st::kafka::DecodeAlterConfigs(*header));
    static_cast<void>(st::kafka::DecodeDeleteTopics(*header));
    static_cast<void>(st::kafka::DecodeDeleteRecords(*header));
    static_cast<void>(st::kafka::DecodeListConfigResources(*header));
    static_cast<void>(st::kafka::DecodeDescribeTopicPartitions(*header));
    static_cast<void>(st::kafka::DecodeConsumerGroupDescribe(*header));
    static_cast<void>(st::kafka::DecodeConsumerGroupHeartbeat(*header));
    static_cast<void>(st::kafka::DecodeDeleteGroups(*header));
    static_cast<void>(st::kafka::DecodeDescribeGroups(*header));
    static_cast<void>(st::kafka::DecodeFindCoordinator(*header));
    static_cast<void>(st::kafka::DecodeHeartbeat(*header));
    static_cast<void>(st::kafka::DecodeJoinGroup(*header));
    static_cast<void>(st::kafka::DecodeLeaveGroup(*header));
    static_cast<void>(st::kafka::DecodeListGroups(*header));
    static_cast<void>(st::kafka::DecodeOffsetCommit(*header));
    static_cast<void>(st::kafka::DecodeOffsetDelete(*header));
    static_cast<void>(st::kafka::DecodeOffsetFetch(*header));
    static_cast<void>(st::kafka::DecodeSyncGroup(*header));
    static_cast<void>(st::kafka::DecodeDescribeCluster(*header));
    static_cast<void>(st::kafka::DecodeDescribeLogDirs(*header));
    static_cast<void>(st::kafka::DecodeAlterReplicaLogDirs(*header));
    static_cast<void>(st::kafka::DecodeOffsetForLeaderEpoch(*header));
    static_cast<void>(st::kafka::DecodeDescribeProducers(*header));
    static_cast<void>(st::kafka::DecodeElectLeaders(*header));
    static_cast<void>(st::kafka::DecodeAlterPartitionReassignments(*header));
    static_cast<void>(st::kafka::DecodeListPartitionReassignments(*header));
    static_cast<void>(st::kafka::DecodeDescribeAcls(*header));
    static_cast<void>(st::kafka::DecodeCreateAcls(*header));
    static_cast<void>(st::kafka::DecodeDeleteAcls(*header));
    static_cast<void>(st::kafka::DecodeDescribeUserScramCredentials(*header));
    static_cast<void>(st::kafka::DecodeAlterUserScramCredentials(*header));
    static_cast<void>(st::kafka::DecodeDescribeClientQuotas(*header));
    static_cast<void>(st::kafka::DecodeAlterClientQuotas(*header));
  }
  return 0;
}
