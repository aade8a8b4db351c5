#include "api/kafka/alter_partition_reassignments_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "format/kafka/alter_partition_reassignments.h"
#include "format/kafka/metadata.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

kafka::ReassignedPartition Reassign(const kafka::Reassignment& move) {
  kafka::ReassignedPartition part{.partition = move.partition, .message = {}};
  if (!move.replicas) {
    part.error = ErrorCode::kNoReassignmentInProgress;
    return part;
  }
  auto replicas = *move.replicas;
  std::ranges::sort(replicas);  // Kafka tells of the lowest unknown broker
  const auto unknown =
      std::ranges::find_if(replicas, [](std::int32_t id) { return id != kafka::kNodeId; });
  part.error = ErrorCode::kInvalidReplicaAssignment;
  if (replicas.empty()) {
    part.message = "The manual partition assignment includes an empty replica list.";
  } else if (unknown != replicas.end()) {
    part.message = fmt::format(
        "The manual partition assignment includes broker {}, but no such broker is registered.",
        *unknown);
  } else if (replicas.size() > 1) {
    part.message = fmt::format(
        "The manual partition assignment includes the broker {} more than once.", kafka::kNodeId);
  } else {
    part.error = ErrorCode::kNone;  // it is there already
  }
  return part;
}

}  // namespace

bool AlterPartitionReassignmentsHandler::Handle(const net::FrameSession& /*session*/,
                                                const std::shared_ptr<Request>& request,
                                                const Responder& responder) {
  const auto alter = kafka::DecodeAlterPartitionReassignments(request->header);
  if (!alter) return false;
  std::vector<kafka::TopicWith<kafka::ReassignedPartition>> answer;
  PartitionFinder finder(log_);
  for (const auto& topic : alter->topics) {
    auto& parts =
        answer.emplace_back(topic.name, std::vector<kafka::ReassignedPartition>()).partitions;
    for (const auto& move : topic.partitions) {
      if (finder.Find(topic.name, move.partition)) {
        parts.push_back(Reassign(move));
        continue;
      }
      parts.push_back({.partition = move.partition,
                       .error = ErrorCode::kUnknownTopicOrPartition,
                       .message = FindTopic(log_, topic.name)
                                      ? fmt::format("Unable to find partition {}:{}.",
                                                    ShownTopic(topic.name), move.partition)
                                      : fmt::format("Unable to find a topic named {}.",
                                                    ShownTopic(topic.name))});
    }
  }
  responder->Send(kafka::EncodeAlterPartitionReassignments(request->header,
                                                           alter->may_change_replication, answer));
  return true;
}

}  // namespace st::api
