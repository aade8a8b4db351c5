#include "api/kafka/consumer_group_describe_handler.h"

#include <fmt/format.h>

#include <set>
#include <utility>
#include <vector>

#include "format/kafka/consumer_group_describe.h"

namespace st::api {
namespace {

std::vector<kafka::NamedTopicPartitions> NamedOf(const group::AssignedPartitions& assigned,
                                                 const log::Log& log) {
  std::vector<kafka::NamedTopicPartitions> topics;
  for (const auto& [id, partitions] : assigned) {
    const auto topic = log.FindTopic(id);
    if (!topic) continue;
    topics.push_back(
        {.topic = id, .name = topic->name, .partitions = {partitions.begin(), partitions.end()}});
  }
  return topics;
}

void Tell(const group::ConsumerDescription& description, const log::Log& log,
          kafka::DescribedConsumerGroup& group) {
  group.state = description.state;
  group.epoch = description.epoch;
  group.assignment_epoch = description.assignment_epoch;
  group.assignor = description.assignor;
  for (const auto& member : description.members) {
    group.members.push_back({.id = member.id,
                             .instance = member.instance,
                             .rack = member.rack,
                             .epoch = member.epoch,
                             .client_id = member.client_id,
                             .client_host = member.client_host,
                             .topics = {member.topics.begin(), member.topics.end()},
                             .pattern = member.pattern.value_or(""),
                             .assignment = NamedOf(member.assigned, log),
                             .target = NamedOf(member.target, log),
                             .is_classic = member.is_classic});
  }
}

}  // namespace

bool ConsumerGroupDescribeHandler::Handle(const net::FrameSession& /*session*/,
                                          const std::shared_ptr<Request>& request,
                                          const Responder& responder) {
  const auto wanted = kafka::DecodeConsumerGroupDescribe(request->header);
  if (!wanted) return false;
  std::vector<kafka::DescribedConsumerGroup> groups;
  std::set<std::string_view> seen;
  for (const auto name : wanted->groups) {
    if (!seen.insert(name).second) continue;  // each once
    auto& group = groups.emplace_back(
        kafka::DescribedConsumerGroup{.message = {}, .group = name, .members = {}});
    if (name.empty()) {
      group.error = kafka::ErrorCode::kInvalidGroupId;
    } else if (const auto described = groups_.DescribeConsumers(std::string(name))) {
      Tell(*described, log_, group);
    } else {
      group.error = kafka::ErrorCode::kGroupIdNotFound;
      group.message = fmt::format(
          "Group {} {}.", name,
          groups_.HasGroup(std::string(name)) ? "is not a consumer group" : "not found");
    }
  }
  responder->Send(
      kafka::EncodeConsumerGroupDescribe(request->header, wanted->wants_operations, groups));
  return true;
}

}  // namespace st::api
