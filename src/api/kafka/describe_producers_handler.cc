#include "api/kafka/describe_producers_handler.h"

#include <set>
#include <utility>
#include <vector>

#include "api/kafka/errors.h"
#include "format/kafka/describe_producers.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

using Topics = std::vector<kafka::TopicWith<kafka::ProducersOfPartition>>;

// The topics of the request, each partition once, with the errors of those that are not there; and
// the places of the others.
struct Asked {
  Topics topics;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // topic and partition of `topics`
  std::vector<TopicPartition> partitions;                   // one a place
};

Asked Find(const log::Log& log, const std::vector<kafka::TopicWith<std::int32_t>>& topics) {
  Asked asked;
  PartitionFinder finder(log);
  std::set<TopicPartition> seen;
  for (const auto& topic : topics) {
    auto& parts = asked.topics.emplace_back(topic.name, std::vector<kafka::ProducersOfPartition>())
                      .partitions;
    for (const auto partition : topic.partitions) {
      const auto tp = finder.Find(topic.name, partition);
      if (tp && !seen.insert(*tp).second) continue;
      if (tp) {
        asked.places.emplace_back(asked.topics.size() - 1, parts.size());
        asked.partitions.push_back(*tp);
      }
      // As Kafka: a partition that is missing in its topic has no message.
      const bool has_topic = tp || FindTopic(log, topic.name);
      parts.push_back(
          {.partition = partition,
           .error = tp ? ErrorCode::kNone : ErrorCode::kUnknownTopicOrPartition,
           .message = has_topic ? "" : "This server does not host this topic-partition.",
           .producers = {}});
    }
  }
  return asked;
}

}  // namespace

bool DescribeProducersHandler::Handle(const net::FrameSession& /*session*/,
                                      const std::shared_ptr<Request>& request,
                                      const Responder& responder) {
  const auto topics = kafka::DecodeDescribeProducers(request->header);
  if (!topics) return false;
  auto asked = std::make_shared<Asked>(Find(log_, *topics));
  inspection_.DescribeProducers(
      asked->partitions, [request, responder, asked](const auto& described) {
        for (std::size_t i = 0; i < asked->places.size(); ++i) {
          const auto [topic, partition] = asked->places[i];
          auto& part = asked->topics[topic].partitions[partition];
          if (!described) {
            part.error = KafkaErrorFor(described.error());
            part.message = described.error().message();
            continue;
          }
          for (const auto& producer : (*described)[i]) {
            part.producers.push_back({.id = producer.id.value(),
                                      .epoch = producer.epoch,
                                      .last_sequence = producer.last_sequence,
                                      .last_time_ms = producer.last_time_ms});
          }
        }
        auto answer = kafka::EncodeDescribeProducers(request->header, asked->topics);
        answer.size() > responder->Room() ? responder->Close() : responder->Send(std::move(answer));
      });
  return true;
}

}  // namespace st::api
