#include "format/kafka/offset_for_leader_epoch.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<TopicWith<EpochToFind>>> DecodeOffsetForLeaderEpoch(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kOffsetForLeaderEpochApi);
  if (request.version >= 3) in.Int<std::int32_t>();  // replica
  auto topics = ReadTopicsWith<EpochToFind>(in, [&] {
    EpochToFind find{.partition = in.Int<std::int32_t>()};
    find.current_epoch = in.Int<std::int32_t>();
    find.epoch = in.Int<std::int32_t>();
    in.Tags();
    return find;
  });
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return topics.value_or(std::vector<TopicWith<EpochToFind>>());
}

std::string EncodeOffsetForLeaderEpoch(const RequestHeader& request,
                                       const std::vector<TopicWith<EpochEnd>>& topics) {
  Writer out = AnswerTo(request, kOffsetForLeaderEpochApi);
  out.Int(std::int32_t{0});  // throttle
  WriteTopicsWith(out, topics, [&](const EpochEnd& end) {
    out.Int(Code(end.error)).Int(end.partition).Int(end.epoch).Int(end.end_offset);
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
