#include "api/kafka/list_offsets_handler.h"

#include <set>
#include <utility>
#include <vector>

#include "api/kafka/limits.h"
#include "format/kafka/list_offsets.h"
#include "format/kafka/metadata.h"

namespace st::api {

using kafka::ErrorCode;

struct ListOffsetsHandler::OffsetLookUp {
  std::shared_ptr<Request> request;
  Responder responder;
  std::vector<kafka::ListedPartition> parts;
  std::vector<std::pair<std::size_t, TopicPartition>> by_time;
  std::size_t next = 0;  // of `by_time`
};

bool ListOffsetsHandler::Handle(const net::FrameSession& /*session*/,
                                const std::shared_ptr<Request>& request,
                                const Responder& responder) {
  auto parts = kafka::DecodeListOffsets(request->header);
  if (!parts) return false;
  auto look_up = std::make_shared<OffsetLookUp>(
      OffsetLookUp{.request = request, .responder = responder, .parts = std::move(*parts)});
  PartitionFinder finder(log_);
  std::set<TopicPartition> seen;
  for (std::size_t i = 0; i < look_up->parts.size(); ++i) {
    auto& part = look_up->parts[i];
    const auto tp = finder.Find(part.topic, part.partition);
    if (!tp) {
      part.error = ErrorCode::kUnknownTopicOrPartition;
    } else if (!seen.insert(*tp).second) {
      part.error = ErrorCode::kInvalidRequest;  // as Kafka: named more than once
    } else if (!kafka::IsTimeOfVersion(part.timestamp, request->header.version)) {
      part.error = ErrorCode::kUnsupportedVersion;
    } else if (const auto error = kafka::CheckLeaderEpoch(part.leader_epoch);
               error != ErrorCode::kNone) {
      part.error = error;
    } else if (part.timestamp == kafka::kLatestTime) {
      part.offset = log_.EndOffset(*tp).value();
    } else if (part.timestamp == kafka::kEarliestTime ||
               part.timestamp == kafka::kEarliestLocalTime) {
      part.offset = log_.StartOffset(*tp).value();
    } else if (part.timestamp != kafka::kLatestTieredTime) {
      look_up->by_time.emplace_back(i, *tp);
    }
  }
  LookUp(look_up);
  return true;
}

void ListOffsetsHandler::LookUp(const std::shared_ptr<OffsetLookUp>& look_up) {
  if (look_up->next == look_up->by_time.size()) {
    look_up->responder->Send(kafka::EncodeListOffsets(look_up->request->header, look_up->parts));
    return;
  }
  look_ups_.Submit(look_up->request->client, [this, look_up] {
    const std::int64_t began_us = clock_.MonotonicUs();
    while (look_up->next < look_up->by_time.size()) {
      const auto& [at, tp] = look_up->by_time[look_up->next++];
      auto& part = look_up->parts[at];
      const auto found = part.timestamp == kafka::kLargestTime
                             ? log_.OffsetOfLargestTime(tp)
                             : log_.OffsetForTime(tp, part.timestamp);
      if (found) {
        part.offset = found->first.value();
        part.found_timestamp = found->second;
      }
      if (clock_.MonotonicUs() - began_us > kLookUpSliceUs) break;
    }
    LookUp(look_up);
  });
}

}  // namespace st::api
