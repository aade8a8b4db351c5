#include "format/kafka/elect_leaders.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<ElectLeadersRequest> DecodeElectLeaders(const RequestHeader& request) {
  Reader in = ReaderOf(request, kElectLeadersApi);
  ElectLeadersRequest elect;
  if (request.version >= 1) elect.type = in.Int<std::int8_t>();
  elect.topics = ReadPartitionLists(in);
  in.Int<std::int32_t>();  // time-out
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return elect;
}

std::string EncodeElectLeaders(const RequestHeader& request, ErrorCode error,
                               const std::vector<TopicWith<ElectedPartition>>& topics) {
  Writer out = AnswerTo(request, kElectLeadersApi);
  out.Int(std::int32_t{0});  // throttle
  if (request.version >= 1) out.Int(Code(error));
  WriteTopicsWith(out, topics, [&](const ElectedPartition& part) {
    out.Int(part.partition).Int(Code(part.error)).NullableString(OrNull(part.message));
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
