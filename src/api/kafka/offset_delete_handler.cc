#include "api/kafka/offset_delete_handler.h"

#include <utility>
#include <vector>

#include "api/kafka/errors.h"
#include "format/kafka/offset_delete.h"

namespace st::api {

using kafka::ErrorCode;

bool OffsetDeleteHandler::Handle(const net::FrameSession& /*session*/,
                                 const std::shared_ptr<Request>& request,
                                 const Responder& responder) {
  auto remove = kafka::DecodeOffsetDelete(request->header);
  if (!remove) return false;
  const std::string group(remove->group);
  const auto refusal = group.empty() ? group::Outcome::kInvalidGroupId
                                     : groups_.MayRemoveOffsets(group, std::nullopt);
  if (refusal != group::Outcome::kDone) {
    responder->Send(kafka::EncodeOffsetDelete(request->header, KafkaErrorFor(refusal), {}));
    return true;
  }
  std::vector<TopicPartition> removed;
  PartitionFinder finder(log_);
  for (auto& offset : remove->offsets) {
    const auto tp = finder.Find(offset.topic, offset.partition);
    if (!tp) {
      offset.error = ErrorCode::kUnknownTopicOrPartition;
      continue;
    }
    offset.error = KafkaErrorFor(groups_.MayRemoveOffsets(group, std::string(offset.topic)));
    if (offset.error == ErrorCode::kNone) removed.push_back(*tp);
  }
  groups_.RemoveOffsets(
      group, removed,
      [request, responder, offsets = std::move(remove->offsets)](group::Outcome outcome) {
        responder->Send(
            kafka::EncodeOffsetDelete(request->header, KafkaErrorFor(outcome), offsets));
      });
  return true;
}

}  // namespace st::api
