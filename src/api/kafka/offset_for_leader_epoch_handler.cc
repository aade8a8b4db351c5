#include "api/kafka/offset_for_leader_epoch_handler.h"

#include <vector>

#include "format/kafka/offset_for_leader_epoch.h"

namespace st::api {

using kafka::ErrorCode;
using kafka::kLeaderEpoch;

bool OffsetForLeaderEpochHandler::Handle(const net::FrameSession& /*session*/,
                                         const std::shared_ptr<Request>& request,
                                         const Responder& responder) {
  const auto topics = kafka::DecodeOffsetForLeaderEpoch(request->header);
  if (!topics) return false;
  std::vector<kafka::TopicWith<kafka::EpochEnd>> answer;
  PartitionFinder finder(log_);
  for (const auto& topic : *topics) {
    auto& ends = answer.emplace_back(topic.name, std::vector<kafka::EpochEnd>()).partitions;
    for (const auto& asked : topic.partitions) {
      kafka::EpochEnd end{.partition = asked.partition};
      const auto tp = finder.Find(topic.name, asked.partition);
      end.error =
          tp ? kafka::CheckLeaderEpoch(asked.current_epoch) : ErrorCode::kUnknownTopicOrPartition;
      if (end.error == ErrorCode::kNone && asked.epoch == kLeaderEpoch) {
        end.epoch = kLeaderEpoch;
        end.end_offset = log_.EndOffset(*tp).value();
      } else if (end.error == ErrorCode::kNone && asked.epoch < kafka::kNoLeaderEpoch) {
        end.epoch = asked.epoch;  // as Kafka: before its first epoch the log was empty
        end.end_offset = log_.StartOffset(*tp).value();
      }
      ends.push_back(end);
    }
  }
  responder->Send(kafka::EncodeOffsetForLeaderEpoch(request->header, answer));
  return true;
}

}  // namespace st::api
