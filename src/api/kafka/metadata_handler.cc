#include "api/kafka/metadata_handler.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "api/kafka/limits.h"
#include "api/kafka/node.h"
#include "format/kafka/metadata.h"
#include "log/topics.h"

namespace st::api {
namespace {

using kafka::ErrorCode;

// `cluster` says what else is told than the node and the topics.
kafka::Metadata MetadataOf(const std::string& address, kafka::Metadata cluster,
                           const std::vector<kafka::MetadataTopic>& topics) {
  auto node = NodeOf(address);
  cluster.host = std::move(node.host);
  cluster.port = node.port;
  cluster.topics = topics;
  return cluster;
}

// Of a name without a topic.
ErrorCode ErrorOfMissing(std::string_view name) {
  return log::CheckTopicName(name) ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kInvalidTopic;
}

}  // namespace

bool MetadataHandler::Handle(const net::FrameSession& session,
                             const std::shared_ptr<Request>& request, const Responder& responder) {
  const auto wanted = kafka::DecodeMetadata(request->header);
  if (!wanted) return false;
  auto gather = std::make_shared<Gather<kafka::MetadataTopic>>();
  const auto all = std::make_shared<const std::vector<log::TopicInfo>>(
      wanted->all_topics ? log_.Topics() : std::vector<log::TopicInfo>());
  const std::string& address = advertise_.empty() ? session.local : advertise_;
  const auto named = std::make_shared<std::deque<std::string>>();  // of topics that ids name
  const kafka::Metadata cluster{.host = {},
                                .cluster_id = log_.id().ToString(),
                                .topics = {},
                                .has_cluster_operations = wanted->wants_cluster_operations,
                                .has_topic_operations = wanted->wants_topic_operations};
  // `all` and `named` have the names that `topics` views.
  gather->done = [request, responder, all, named, address,
                  cluster](const std::vector<kafka::MetadataTopic>& topics) {
    auto answer = kafka::EncodeMetadata(request->header, MetadataOf(address, cluster, topics));
    const bool is_over_rate = std::ranges::any_of(
        topics, [](const auto& topic) { return topic.error == ErrorCode::kLeaderNotAvailable; });
    if (!is_over_rate) return responder->Send(std::move(answer));
    responder->RunAfter(kRateRefusalPauseUs, [responder, answer] { responder->Send(answer); });
  };
  auto& parts = gather->parts;
  for (const auto& topic : *all) {
    parts.push_back({.name = topic.name, .id = topic.id, .partitions = topic.partitions});
  }
  std::vector<std::size_t> missing;
  for (const auto name : wanted->topics) {
    const auto topic = FindTopic(log_, name);
    if (!topic && wanted->may_create) missing.push_back(parts.size());
    parts.push_back({.error = topic ? ErrorCode::kNone : ErrorOfMissing(name),
                     .name = name,
                     .id = topic ? topic->id : TopicId(),
                     .partitions = topic ? topic->partitions : 0});
  }
  for (const auto& id : wanted->ids) {
    const auto topic = log_.FindTopic(id);
    if (topic) named->push_back(topic->name);
    parts.push_back({.error = topic ? ErrorCode::kNone : ErrorCode::kUnknownTopicId,
                     .name = topic ? std::optional<std::string_view>(named->back()) : std::nullopt,
                     .id = id,
                     .partitions = topic ? topic->partitions : 0});
  }
  if (kafka::MetadataBytes({.host = address, .topics = parts}) > responder->Room()) return false;
  gather->missing = missing.size() + 1;
  for (const auto i : missing) {
    topics_.CreateOnFirstUse(request->client, parts[i].name.value_or(""),
                             [gather, i](const TopicCreator::Created& made) {
                               auto& part = gather->parts[i];
                               part.error = made ? ErrorCode::kNone : made.error().error;
                               part.partitions = made ? made->partitions : 0;
                               part.id = made ? made->id : TopicId();
                               gather->Arrived();
                             });
  }
  gather->Arrived();
  return true;
}

}  // namespace st::api
