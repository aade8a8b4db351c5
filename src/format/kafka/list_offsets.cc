#include "format/kafka/list_offsets.h"

#include "format/kafka/metadata.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

bool IsTimeOfVersion(std::int64_t timestamp, std::int16_t version) {
  switch (timestamp) {
    case kLargestTime:
      return version >= 7;
    case kEarliestLocalTime:
      return version >= 8;
    case kLatestTieredTime:
      return version >= 9;
    default:
      return timestamp >= kEarliestTime;
  }
}

std::optional<std::vector<ListedPartition>> DecodeListOffsets(const RequestHeader& request) {
  Reader in = ReaderOf(request, kListOffsetsApi);
  std::vector<ListedPartition> parts;
  in.Int<std::int32_t>();                           // replica
  if (request.version >= 2) in.Int<std::int8_t>();  // isolation
  std::string_view topic;
  ReadTopics(
      in, [&](std::string_view name) { topic = name; },
      [&] {
        ListedPartition part{.topic = topic, .partition = in.Int<std::int32_t>()};
        if (request.version >= 4) part.leader_epoch = in.Int<std::int32_t>();
        part.timestamp = in.Int<std::int64_t>();
        if (request.version == 0) in.Int<std::int32_t>();  // how many offsets: one is answered
        parts.push_back(part);
      });
  if (request.version >= 10) in.Int<std::int32_t>();  // timeout: no storage is far away
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return parts;
}

std::string EncodeListOffsets(const RequestHeader& request,
                              const std::vector<ListedPartition>& parts) {
  Writer out = AnswerTo(request, kListOffsetsApi);
  if (request.version >= 2) out.Int(std::int32_t{0});  // throttle
  WriteTopics(out, parts, [&](const ListedPartition& part) {
    out.Int(part.partition).Int(Code(part.error));
    if (request.version == 0) {
      out.Int(std::int32_t{part.offset >= 0 ? 1 : 0});
      if (part.offset >= 0) out.Int(part.offset);
      return;
    }
    out.Int(part.found_timestamp).Int(part.offset);
    if (request.version >= 4) out.Int(part.offset < 0 ? std::int32_t{-1} : kLeaderEpoch);
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
