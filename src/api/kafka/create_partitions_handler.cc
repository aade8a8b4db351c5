#include "api/kafka/create_partitions_handler.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/kafka/errors.h"
#include "format/kafka/metadata.h"
#include "log/limits.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

// What is wrong with the nodes of new partitions; "": nothing.
std::string CheckAssignments(const kafka::GrownTopic& wanted, std::int32_t now) {
  if (!wanted.assignments) return "";
  const auto more = static_cast<std::size_t>(wanted.partitions - now);
  if (wanted.assignments->size() != more) {
    return fmt::format("{} partitions more, and the nodes of {} are named", more,
                       wanted.assignments->size());
  }
  for (const auto& nodes : *wanted.assignments) {
    if (nodes != std::vector<std::int32_t>{kafka::kNodeId}) {
      return fmt::format("each partition is on node {} alone: there is no other", kafka::kNodeId);
    }
  }
  return "";
}

}  // namespace

std::optional<TopicId> CreatePartitionsHandler::Check(const kafka::GrownTopic& wanted,
                                                      kafka::GrownTopicResult& result) const {
  const auto refuse = [&result](ErrorCode error, std::string message) {
    result.error = error;
    result.message = std::move(message);
    return std::nullopt;
  };
  if (wanted.is_repeated) {
    return refuse(ErrorCode::kInvalidRequest, "the request names this topic more than once");
  }
  const auto topic = FindTopic(log_, wanted.name);
  if (!topic) return refuse(ErrorCode::kUnknownTopicOrPartition, "");
  if (const Status may = may_write_ ? may_write_(topic->name) : Status{}; !may) {
    return refuse(ErrorCode::kTopicAuthorizationFailed, may.error().message());
  }
  if (wanted.partitions <= topic->partitions) {
    return refuse(ErrorCode::kInvalidPartitions,
                  fmt::format("the topic has {} partitions; {} would not be more",
                              topic->partitions, wanted.partitions));
  }
  if (wanted.partitions > log::kMaxPartitions) {
    return refuse(ErrorCode::kPolicyViolation, fmt::format("{} partitions; a topic has at most {}",
                                                           wanted.partitions, log::kMaxPartitions));
  }
  if (auto wrong = CheckAssignments(wanted, topic->partitions); !wrong.empty()) {
    return refuse(ErrorCode::kInvalidReplicaAssignment, std::move(wrong));
  }
  return topic->id;
}

bool CreatePartitionsHandler::Handle(const net::FrameSession& /*session*/,
                                     const std::shared_ptr<Request>& request,
                                     const Responder& responder) {
  const auto create = kafka::DecodeCreatePartitions(request->header);
  if (!create) return false;
  auto gather = std::make_shared<Gather<kafka::GrownTopicResult>>();
  gather->done = [request, responder](const std::vector<kafka::GrownTopicResult>& topics) {
    responder->Send(kafka::EncodeCreatePartitions(request->header, topics));
  };
  for (const auto& topic : create->topics) {
    gather->parts.push_back({.name = topic.name, .message = {}});
  }
  gather->missing = gather->parts.size() + 1;
  for (std::size_t i = 0; i < gather->parts.size(); ++i) {
    const auto& wanted = create->topics[i];
    const auto id = Check(wanted, gather->parts[i]);
    if (!id) {
      gather->Arrived();
      continue;
    }
    log_.ChangeTopic(*id, {.partitions = wanted.partitions, .only_check = create->validate_only},
                     OriginOf(request->client), [gather, i](const Result<log::TopicInfo>& topic) {
                       auto& part = gather->parts[i];
                       if (!topic) part.error = KafkaErrorFor(topic.error());
                       if (!topic) part.message = topic.error().message();
                       gather->Arrived();
                     });
  }
  gather->Arrived();
  return true;
}

}  // namespace st::api
