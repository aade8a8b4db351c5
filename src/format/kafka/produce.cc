#include "format/kafka/produce.h"

#include <span>

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<ProduceRequest> DecodeProduce(const RequestHeader& request) {
  Reader in = ReaderOf(request, kProduceApi);
  ProduceRequest produce;
  if (const auto id = in.NullableString()) produce.transactional_id = *id;
  produce.acks = in.Int<std::int16_t>();
  in.Int<std::int32_t>();  // timeout: a commit is never that slow without failing
  const bool by_id = request.version >= kFirstProduceByTopicId;
  ReadTopicsBy(
      in, [&] { produce.topics.push_back({ReadTopic(in, by_id), {}}); },
      [&] {
        const auto partition = in.Int<std::int32_t>();
        const auto records = in.NullableBytes().value_or(std::string_view());
        produce.topics.back().partitions.push_back({partition, records});
      });
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return produce;
}

namespace {

constexpr std::span<const ErrorCode> kNoRecordErrors;

}  // namespace

std::string EncodeProduce(const RequestHeader& request,
                          const std::vector<ProducedPartition>& parts) {
  Writer out = AnswerTo(request, kProduceApi);
  WriteTopics(out, parts, [&](const ProducedPartition& part) {
    out.Int(part.partition).Int(Code(part.error)).Int(part.base_offset);
    out.Int(part.append_time_ms);
    if (request.version >= 5) {
      out.Int(part.error == ErrorCode::kNone ? part.log_start : std::int64_t{-1});
    }
    if (request.version >= 8) out.ArrayLength(kNoRecordErrors).NullableString(OrNull(part.message));
  });
  out.Int(std::int32_t{0}).Tags();  // throttle
  return out.Take();
}

}  // namespace st::kafka
