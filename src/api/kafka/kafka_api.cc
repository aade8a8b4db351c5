#include "api/kafka/kafka_api.h"

#include <utility>

#include "api/kafka/alter_client_quotas_handler.h"
#include "api/kafka/alter_configs_handler.h"
#include "api/kafka/alter_partition_reassignments_handler.h"
#include "api/kafka/alter_replica_log_dirs_handler.h"
#include "api/kafka/alter_user_scram_credentials_handler.h"
#include "api/kafka/api_table.h"
#include "api/kafka/api_versions_handler.h"
#include "api/kafka/consumer_group_describe_handler.h"
#include "api/kafka/consumer_group_heartbeat_handler.h"
#include "api/kafka/create_acls_handler.h"
#include "api/kafka/create_partitions_handler.h"
#include "api/kafka/create_topics_handler.h"
#include "api/kafka/delete_acls_handler.h"
#include "api/kafka/delete_groups_handler.h"
#include "api/kafka/delete_records_handler.h"
#include "api/kafka/delete_topics_handler.h"
#include "api/kafka/describe_acls_handler.h"
#include "api/kafka/describe_client_quotas_handler.h"
#include "api/kafka/describe_cluster_handler.h"
#include "api/kafka/describe_configs_handler.h"
#include "api/kafka/describe_groups_handler.h"
#include "api/kafka/describe_log_dirs_handler.h"
#include "api/kafka/describe_producers_handler.h"
#include "api/kafka/describe_topic_partitions_handler.h"
#include "api/kafka/describe_user_scram_credentials_handler.h"
#include "api/kafka/elect_leaders_handler.h"
#include "api/kafka/fetch_handler.h"
#include "api/kafka/find_coordinator_handler.h"
#include "api/kafka/heartbeat_handler.h"
#include "api/kafka/init_producer_id_handler.h"
#include "api/kafka/join_group_handler.h"
#include "api/kafka/leave_group_handler.h"
#include "api/kafka/limits.h"
#include "api/kafka/list_config_resources_handler.h"
#include "api/kafka/list_groups_handler.h"
#include "api/kafka/list_offsets_handler.h"
#include "api/kafka/list_partition_reassignments_handler.h"
#include "api/kafka/metadata_handler.h"
#include "api/kafka/offset_commit_handler.h"
#include "api/kafka/offset_delete_handler.h"
#include "api/kafka/offset_fetch_handler.h"
#include "api/kafka/offset_for_leader_epoch_handler.h"
#include "api/kafka/produce_handler.h"
#include "api/kafka/request.h"
#include "api/kafka/sync_group_handler.h"
#include "api/kafka/topic_creator.h"
#include "api/kafka/topic_settings.h"
#include "base/mutex.h"
#include "format/kafka/alter_client_quotas.h"
#include "format/kafka/alter_partition_reassignments.h"
#include "format/kafka/alter_replica_log_dirs.h"
#include "format/kafka/alter_user_scram_credentials.h"
#include "format/kafka/api_versions.h"
#include "format/kafka/consumer_group_describe.h"
#include "format/kafka/consumer_group_heartbeat.h"
#include "format/kafka/create_acls.h"
#include "format/kafka/delete_acls.h"
#include "format/kafka/delete_groups.h"
#include "format/kafka/delete_records.h"
#include "format/kafka/describe_acls.h"
#include "format/kafka/describe_client_quotas.h"
#include "format/kafka/describe_cluster.h"
#include "format/kafka/describe_groups.h"
#include "format/kafka/describe_log_dirs.h"
#include "format/kafka/describe_producers.h"
#include "format/kafka/describe_topic_partitions.h"
#include "format/kafka/describe_user_scram_credentials.h"
#include "format/kafka/elect_leaders.h"
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
#include "format/kafka/sync_group.h"
#include "net/address.h"
#include "net/frame_server.h"

namespace st::api {
namespace {

namespace k = st::kafka;

// Has the coordinator do what is due, on the listener's first io thread, while the listener runs.
class GroupAlarm {
 public:
  static void Start(const std::shared_ptr<GroupAlarm>& alarm, group::Coordinator& groups,
                    net::FrameServer& server) {
    alarm->server_.With([&](auto& running) { running = &server; });
    groups.SetAlarm([alarm, &groups](std::int64_t delay_us) {
      alarm->server_.With([&](net::FrameServer* running) {
        if (running != nullptr) running->RunAfter(delay_us, [&groups] { groups.Step(); });
      });
    });
  }
  void Stop() {
    server_.With([](auto& running) { running = nullptr; });
  }

 private:
  Guarded<net::FrameServer*> server_{nullptr};
};

// What holds here of Kafka's settings of a broker.
OwnSettings SettingsOf(const KafkaOptions& options) {
  const std::string scheme = "PLAINTEXT://";  // no listener has users or TLS
  const auto id = std::to_string(k::kNodeId);
  auto own = options.settings;
  own["auto.create.topics.enable"] = options.auto_create_topics ? "true" : "false";
  own["broker.id"] = id;
  own["fetch.max.bytes"] = std::to_string(kMaxFetchBytes);
  own["group.coordinator.rebalance.protocols"] = "classic,consumer";
  own["listeners"] = scheme + options.listen;
  own["log.cleaner.enable"] = "false";
  own["max.incremental.fetch.session.cache.slots"] = std::to_string(kMaxFetchSessions);
  own["log.retention.ms"] = "-1";
  own["message.max.bytes"] = std::to_string(kDefaultMaxMessageBytes);
  own["node.id"] = id;
  own["num.network.threads"] = std::to_string(options.io_threads);
  own["num.partitions"] = std::to_string(options.num_partitions);
  own["process.roles"] = "broker";
  if (!options.advertise.empty()) own["advertised.listeners"] = scheme + options.advertise;
  if (!options.log_dir.path.empty()) own["log.dirs"] = options.log_dir.path;
  return own;
}

class Api final : public KafkaApi {
 public:
  Api(KafkaOptions options, log::Log& log, log::Inspection& inspection, group::Coordinator& groups,
      const os::Env& env)
      : options_(std::move(options)),
        groups_(groups),
        topics_(log, env.clock,
                {.num_partitions = options_.num_partitions,
                 .auto_create = options_.auto_create_topics,
                 .may_create = options_.may_create_topic,
                 .metrics = options_.metrics}),
        apis_(options_.metrics) {
    AddApis(log, env);
    AddAdministration(log, inspection);
    if (options_.metrics == nullptr) return;
    refused_ = &options_.metrics->Counter(
        "steelthread_kafka_refused_total",
        "Requests that closed their connection: over a limit, or not understood.");
  }

  // Ends the handlers' threads while what they use is there.
  ~Api() override { apis_.Stop(); }

  Status Open() {
    ST_TRY(server_, net::FrameServer::Start(
                        {.listen = options_.listen,
                         .name = "kafka",
                         .io_threads = options_.io_threads,
                         .max_frame_bytes = kMaxRequestBytes,
                         .is_pipelined = k::IsProduce,
                         .budgets = options_.budgets,
                         .metrics = options_.metrics},
                        [this](net::FrameSession& session, std::string frame, auto responder) {
                          Handle(session, std::move(frame), std::move(responder));
                        }));
    GroupAlarm::Start(alarm_, groups_, *server_);
    return {};
  }
  const std::string& address() const override { return server_->address(); }
  void Stop(std::int64_t grace_us) override {
    // Who waits in a group would otherwise be waited for.
    groups_.Stop();
    alarm_->Stop();
    server_->Stop(grace_us);
    apis_.Stop();
  }

 private:
  // The table of the APIs, in the order of their keys.
  void AddApis(log::Log& log, const os::Env& env) {
    apis_.Add(k::kProduceApi,
              std::make_unique<ProduceHandler>(log, env.clock, options_.may_write_topic));
    apis_.Add(k::kFetchApi, std::make_unique<FetchHandler>(log, env, options_.metrics));
    apis_.Add(k::kListOffsetsApi, std::make_unique<ListOffsetsHandler>(log, env.clock));
    apis_.Add(k::kMetadataApi, std::make_unique<MetadataHandler>(log, topics_, options_.advertise));
    apis_.Add(k::kOffsetCommitApi, std::make_unique<OffsetCommitHandler>(groups_, log, env.clock));
    apis_.Add(k::kOffsetFetchApi, std::make_unique<OffsetFetchHandler>(groups_, log));
    apis_.Add(k::kFindCoordinatorApi, std::make_unique<FindCoordinatorHandler>(options_.advertise));
    apis_.Add(k::kJoinGroupApi, std::make_unique<JoinGroupHandler>(groups_));
    apis_.Add(k::kHeartbeatApi, std::make_unique<HeartbeatHandler>(groups_));
    apis_.Add(k::kLeaveGroupApi, std::make_unique<LeaveGroupHandler>(groups_));
    apis_.Add(k::kSyncGroupApi, std::make_unique<SyncGroupHandler>(groups_));
    apis_.Add(k::kDescribeGroupsApi, std::make_unique<DescribeGroupsHandler>(groups_));
    apis_.Add(k::kListGroupsApi, std::make_unique<ListGroupsHandler>(groups_));
    apis_.Add(k::kApiVersionsApi, std::make_unique<ApiVersionsHandler>(apis_));
    apis_.Add(k::kCreateTopicsApi, std::make_unique<CreateTopicsHandler>(topics_));
    apis_.Add(k::kDeleteTopicsApi, std::make_unique<DeleteTopicsHandler>(
                                       log, options_.may_write_topic, options_.may_delete_topic));
    if (options_.delete_records) {
      apis_.Add(k::kDeleteRecordsApi,
                std::make_unique<DeleteRecordsHandler>(log, options_.delete_records));
    }
    apis_.Add(k::kInitProducerIdApi, std::make_unique<InitProducerIdHandler>(log));
    apis_.Add(k::kDescribeConfigsApi,
              std::make_unique<DescribeConfigsHandler>(log, SettingsOf(options_)));
    apis_.Add(k::kAlterConfigsApi,
              std::make_unique<AlterConfigsHandler>(log, options_.may_write_topic));
    apis_.Add(k::kCreatePartitionsApi,
              std::make_unique<CreatePartitionsHandler>(log, options_.may_write_topic));
    apis_.Add(k::kDeleteGroupsApi, std::make_unique<DeleteGroupsHandler>(groups_));
    apis_.Add(k::kIncrementalAlterConfigsApi,
              std::make_unique<AlterConfigsHandler>(log, options_.may_write_topic));
    apis_.Add(k::kOffsetDeleteApi, std::make_unique<OffsetDeleteHandler>(groups_, log));
    apis_.Add(k::kConsumerGroupHeartbeatApi,
              std::make_unique<ConsumerGroupHeartbeatHandler>(groups_));
    apis_.Add(k::kConsumerGroupDescribeApi,
              std::make_unique<ConsumerGroupDescribeHandler>(groups_, log));
    apis_.Add(k::kListConfigResourcesApi, std::make_unique<ListConfigResourcesHandler>(log));
  }

  // Those of administration, in the order of their keys.
  void AddAdministration(log::Log& log, log::Inspection& inspection) {
    apis_.Add(k::kDescribeClusterApi,
              std::make_unique<DescribeClusterHandler>(log, options_.advertise));
    apis_.Add(k::kDescribeLogDirsApi,
              std::make_unique<DescribeLogDirsHandler>(log, inspection, options_.log_dir));
    apis_.Add(k::kAlterReplicaLogDirsApi,
              std::make_unique<AlterReplicaLogDirsHandler>(log, options_.log_dir.path));
    apis_.Add(k::kOffsetForLeaderEpochApi, std::make_unique<OffsetForLeaderEpochHandler>(log));
    apis_.Add(k::kDescribeProducersApi,
              std::make_unique<DescribeProducersHandler>(log, inspection));
    apis_.Add(k::kElectLeadersApi, std::make_unique<ElectLeadersHandler>(log));
    apis_.Add(k::kAlterPartitionReassignmentsApi,
              std::make_unique<AlterPartitionReassignmentsHandler>(log));
    apis_.Add(k::kListPartitionReassignmentsApi,
              std::make_unique<ListPartitionReassignmentsHandler>());
    apis_.Add(k::kDescribeAclsApi, std::make_unique<DescribeAclsHandler>());
    apis_.Add(k::kCreateAclsApi, std::make_unique<CreateAclsHandler>());
    apis_.Add(k::kDeleteAclsApi, std::make_unique<DeleteAclsHandler>());
    apis_.Add(k::kDescribeUserScramCredentialsApi,
              std::make_unique<DescribeUserScramCredentialsHandler>());
    apis_.Add(k::kAlterUserScramCredentialsApi,
              std::make_unique<AlterUserScramCredentialsHandler>());
    apis_.Add(k::kDescribeClientQuotasApi, std::make_unique<DescribeClientQuotasHandler>());
    apis_.Add(k::kAlterClientQuotasApi, std::make_unique<AlterClientQuotasHandler>());
    apis_.Add(k::kDescribeTopicPartitionsApi,
              std::make_unique<DescribeTopicPartitionsHandler>(log));
  }

  // As Kafka does with what it does not take.
  void Refuse(const Responder& responder) {
    if (refused_ != nullptr) refused_->Add();
    responder->Close();
  }

  void Handle(const net::FrameSession& session, std::string frame, const Responder& responder) {
    auto request =
        std::make_shared<Request>(Request{std::move(frame), {}, net::ClientOf(session.peer)});
    const auto header = k::DecodeHeader(request->frame);
    ApiTable::Row* const api = header ? apis_.Find(header->key) : nullptr;
    if (api == nullptr) return Refuse(responder);
    api->asked.Count(header->version);
    if (api->versions.key != k::ApiKey::kProduce && request->frame.size() > kMaxPlainRequestBytes) {
      return Refuse(responder);
    }
    request->header = *header;
    if (!api->versions.Serves(header->version)) {
      return api->handler->RefuseVersion(*request, responder);
    }
    if (!api->handler->Handle(session, request, responder)) Refuse(responder);
  }

  const KafkaOptions options_;
  group::Coordinator& groups_;
  Metric* refused_ = nullptr;
  TopicCreator topics_;
  ApiTable apis_;
  std::unique_ptr<net::FrameServer> server_;
  // The coordinator may call it until the coordinator itself goes.
  std::shared_ptr<GroupAlarm> alarm_ = std::make_shared<GroupAlarm>();
};

}  // namespace

Result<std::unique_ptr<KafkaApi>> KafkaApi::Start(KafkaOptions options, log::Log& log,
                                                  log::Inspection& inspection,
                                                  group::Coordinator& groups, const os::Env& env) {
  auto api = std::make_unique<Api>(std::move(options), log, inspection, groups, env);
  ST_TRY_STATUS(api->Open());
  return api;
}

}  // namespace st::api
