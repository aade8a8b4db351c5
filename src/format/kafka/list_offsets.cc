#include "format/kafka/list_offsets.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<ListedPartition>> DecodeListOffsets(const RequestHeader& request) {
  Reader in(request.body);
  std::vector<ListedPartition> parts;
  in.Int<std::int32_t>();                           // replica
  if (request.version >= 2) in.Int<std::int8_t>();  // isolation
  std::string_view topic;
  ReadTopics(
      in, [&](std::string_view name) { topic = name; },
      [&] {
        ListedPartition part{.topic = topic, .partition = in.Int<std::int32_t>()};
        if (request.version >= 4) in.Int<std::int32_t>();  // leader epoch
        part.timestamp = in.Int<std::int64_t>();
        if (request.version == 0) in.Int<std::int32_t>();  // how many offsets: one is answered
        parts.push_back(part);
      });
  if (!in.ok()) return std::nullopt;
  return parts;
}

std::string EncodeListOffsets(const RequestHeader& request,
                              const std::vector<ListedPartition>& parts) {
  Writer out = AnswerTo(request);
  if (request.version >= 2) out.Int(std::int32_t{0});  // throttle
  WriteTopics(out, parts, [&](const ListedPartition& part) {
    out.Int(part.partition).Int(Code(part.error));
    if (request.version == 0) {
      out.Int(std::int32_t{part.offset >= 0 ? 1 : 0});
      if (part.offset >= 0) out.Int(part.offset);
      return;
    }
    out.Int(part.found_timestamp).Int(part.offset);
    if (request.version >= 4) out.Int(std::int32_t{0});  // leader epoch
  });
  return out.Take();
}

}  // namespace st::kafka
