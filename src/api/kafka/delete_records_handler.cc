#include "api/kafka/delete_records_handler.h"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "api/kafka/errors.h"
#include "format/kafka/delete_records.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

using Topics = std::vector<kafka::DeletedRecordsOfTopic>;

// Each topic and partition once: as Kafka, the last offset counts.
Topics Merged(const Topics& asked) {
  Topics merged;
  std::map<std::string_view, std::size_t> topics;
  std::map<std::pair<std::size_t, std::int32_t>, std::size_t> partitions;
  for (const auto& topic : asked) {
    const auto [of_topic, is_new] = topics.emplace(topic.name, merged.size());
    if (is_new) merged.push_back({.name = topic.name, .partitions = {}});
    auto& parts = merged[of_topic->second].partitions;
    for (const auto& part : topic.partitions) {
      const auto [at, is_first] =
          partitions.emplace(std::pair(of_topic->second, part.partition), parts.size());
      if (is_first) {
        parts.push_back(part);
      } else {
        parts[at->second] = part;
      }
    }
  }
  return merged;
}

// The answer, and how many of its partitions are missing.
struct Answer {
  Topics topics;
  std::atomic<std::size_t> missing = 1;
  std::function<void(const Topics&)> done;
  void Arrived() {
    if (missing.fetch_sub(1) == 1) done(topics);
  }
};

}  // namespace

bool DeleteRecordsHandler::Handle(const net::FrameSession& /*session*/,
                                  const std::shared_ptr<Request>& request,
                                  const Responder& responder) {
  const auto asked = kafka::DecodeDeleteRecords(request->header);
  if (!asked) return false;
  auto answer = std::make_shared<Answer>();
  answer->topics = Merged(*asked);
  answer->done = [request, responder](const Topics& topics) {
    responder->Send(kafka::EncodeDeleteRecords(request->header, topics));
  };
  PartitionFinder finder(log_);
  for (auto& topic : answer->topics) {
    for (auto& part : topic.partitions) {
      const auto tp = finder.Find(topic.name, part.partition);
      const bool is_all = part.before == kafka::kUpToHighWatermark;
      if (!tp || (part.before < 0 && !is_all)) {
        part.error = tp ? ErrorCode::kOffsetOutOfRange : ErrorCode::kUnknownTopicOrPartition;
        continue;
      }
      answer->missing.fetch_add(1);
      const auto before = is_all ? std::nullopt : std::optional(Offset(part.before));
      delete_records_(*tp, before, [answer, &part](const Result<Offset>& start) {
        if (start) part.low_watermark = start->value();
        if (!start) part.error = KafkaErrorForDeletion(start.error());
        answer->Arrived();
      });
    }
  }
  answer->Arrived();
  return true;
}

}  // namespace st::api
