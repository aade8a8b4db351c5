#include "format/kafka/delete_records.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<DeletedRecordsOfTopic>> DecodeDeleteRecords(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kDeleteRecordsApi);
  auto topics = ReadTopicsWith<DeletedRecords>(in, [&] {
    DeletedRecords records{.partition = in.Int<std::int32_t>()};
    records.before = in.Int<std::int64_t>();
    in.Tags();
    return records;
  });
  in.Int<std::int32_t>();  // timeout
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return topics.value_or(std::vector<DeletedRecordsOfTopic>());
}

std::string EncodeDeleteRecords(const RequestHeader& request,
                                const std::vector<DeletedRecordsOfTopic>& topics) {
  Writer out = AnswerTo(request, kDeleteRecordsApi);
  out.Int(std::int32_t{0});  // throttle
  WriteTopicsWith(out, topics, [&](const DeletedRecords& records) {
    out.Int(records.partition).Int(records.low_watermark).Int(Code(records.error));
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
