#include "api/kafka/elect_leaders_handler.h"

#include <fmt/format.h>

#include <vector>

#include "format/kafka/elect_leaders.h"

namespace st::api {

using kafka::ErrorCode;

bool ElectLeadersHandler::Handle(const net::FrameSession& /*session*/,
                                 const std::shared_ptr<Request>& request,
                                 const Responder& responder) {
  const auto elect = kafka::DecodeElectLeaders(request->header);
  if (!elect) return false;
  const bool is_known =
      elect->type == kafka::kPreferredElection || elect->type == kafka::kUncleanElection;
  std::vector<kafka::TopicWith<kafka::ElectedPartition>> answer;
  // As Kafka, all topics are answered without those partitions that need no election.
  const auto all = elect->topics || !is_known ? std::vector<log::TopicInfo>() : log_.Topics();
  for (const auto& topic : all) answer.push_back({.name = topic.name, .partitions = {}});
  PartitionFinder finder(log_);
  bool is_refused = !is_known && !elect->topics;
  for (const auto& topic : elect->topics.value_or(std::vector<kafka::TopicWith<std::int32_t>>())) {
    auto& parts =
        answer.emplace_back(topic.name, std::vector<kafka::ElectedPartition>()).partitions;
    for (const auto partition : topic.partitions) {
      kafka::ElectedPartition part{.partition = partition, .message = {}};
      if (!is_known) {
        is_refused = true;
        part.error = ErrorCode::kInvalidRequest;
        part.message = fmt::format("Unknown election type {}", elect->type);
      } else if (finder.Find(topic.name, partition)) {
        part.error = ErrorCode::kElectionNotNeeded;
        part.message = "Leader election not needed for topic partition.";
      } else {
        part.error = ErrorCode::kUnknownTopicOrPartition;
        part.message =
            FindTopic(log_, topic.name)
                ? fmt::format("No such partition as {}-{}", ShownTopic(topic.name), partition)
                : fmt::format("No such topic as {}", ShownTopic(topic.name));
      }
      parts.push_back(std::move(part));
    }
  }
  responder->Send(kafka::EncodeElectLeaders(
      request->header, is_refused ? ErrorCode::kInvalidRequest : ErrorCode::kNone, answer));
  return true;
}

}  // namespace st::api
