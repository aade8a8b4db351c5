#include "format/kafka/describe_producers.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<TopicWith<std::int32_t>>> DecodeDescribeProducers(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeProducersApi);
  auto topics = ReadPartitionLists(in);
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return topics.value_or(PartitionLists());
}

std::string EncodeDescribeProducers(const RequestHeader& request,
                                    const std::vector<TopicWith<ProducersOfPartition>>& topics) {
  constexpr std::int32_t kNoCoordinatorEpoch = -1;
  constexpr std::int64_t kNoTransaction = -1;
  Writer out = AnswerTo(request, kDescribeProducersApi);
  out.Int(std::int32_t{0});  // throttle
  WriteTopicsWith(out, topics, [&](const ProducersOfPartition& part) {
    out.Int(part.partition).Int(Code(part.error)).NullableString(OrNull(part.message));
    out.ArrayLength(part.producers);
    for (const auto& producer : part.producers) {
      out.Int(producer.id).Int(std::int32_t{producer.epoch}).Int(producer.last_sequence);
      out.Int(producer.last_time_ms).Int(kNoCoordinatorEpoch).Int(kNoTransaction).Tags();
    }
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
