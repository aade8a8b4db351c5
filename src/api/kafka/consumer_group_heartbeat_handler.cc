#include "api/kafka/consumer_group_heartbeat_handler.h"

#include <optional>
#include <utility>

#include "api/kafka/errors.h"
#include "api/kafka/group_requests.h"
#include "format/kafka/consumer_group_heartbeat.h"

namespace st::api {
namespace {

std::vector<kafka::TopicIdPartitions> ListOf(const group::AssignedPartitions& assigned) {
  std::vector<kafka::TopicIdPartitions> topics;
  for (const auto& [topic, partitions] : assigned) {
    topics.push_back({.topic = topic, .partitions = {partitions.begin(), partitions.end()}});
  }
  return topics;
}

group::ConsumerHeartbeat HeartbeatOf(const kafka::ConsumerGroupHeartbeatRequest& request) {
  group::ConsumerHeartbeat heartbeat{.group = std::string(request.group),
                                     .member = std::string(request.member),
                                     .epoch = request.epoch,
                                     .instance = TextOf(request.instance),
                                     .rack = TextOf(request.rack),
                                     .rebalance_timeout_ms = request.rebalance_timeout_ms,
                                     .topics = {},
                                     .pattern = TextOf(request.pattern),
                                     .assignor = TextOf(request.assignor),
                                     .owned = {},
                                     .client = {}};
  if (request.topics) heartbeat.topics.emplace(request.topics->begin(), request.topics->end());
  if (request.owned) heartbeat.owned.emplace();
  for (const auto& topic : request.owned.value_or(std::vector<kafka::TopicIdPartitions>())) {
    (*heartbeat.owned)[topic.topic].insert(topic.partitions.begin(), topic.partitions.end());
  }
  return heartbeat;
}

}  // namespace

bool ConsumerGroupHeartbeatHandler::Handle(const net::FrameSession& session,
                                           const std::shared_ptr<Request>& request,
                                           const Responder& responder) {
  const auto decoded = kafka::DecodeConsumerGroupHeartbeat(request->header);
  if (!decoded) return false;
  auto heartbeat = HeartbeatOf(*decoded);
  heartbeat.must_bring_id = request->header.version >= kafka::kFirstWithOwnMemberId;
  heartbeat.client = ClientOf(*request, session.peer);
  groups_.Heartbeat(heartbeat, [request, responder](const group::ConsumerHeartbeatAnswer& answer) {
    kafka::ConsumerGroupHeartbeatAnswer told{.error = KafkaErrorFor(answer.outcome),
                                             .message = answer.message,
                                             .member = {},
                                             .assignment = {}};
    if (answer.outcome == group::Outcome::kDone) {
      told.member = answer.member;
      told.epoch = answer.epoch;
      told.heartbeat_interval_ms = static_cast<std::int32_t>(answer.heartbeat_interval_ms);
      if (answer.assignment) told.assignment = ListOf(*answer.assignment);
    }
    responder->Send(kafka::EncodeConsumerGroupHeartbeat(request->header, told));
  });
  return true;
}

}  // namespace st::api
