#include "format/kafka/offset_commit.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<OffsetCommitRequest> DecodeOffsetCommit(const RequestHeader& request) {
  Reader in = ReaderOf(request, kOffsetCommitApi);
  OffsetCommitRequest commit{.group = in.String(), .offsets = {}};
  commit.generation = in.Int<std::int32_t>();
  commit.member = in.String();
  if (request.version >= 7) commit.instance = in.NullableString();
  if (request.version <= 4) commit.retention_ms = in.Int<std::int64_t>();
  std::string_view topic;
  ReadTopics(
      in, [&](std::string_view name) { topic = name; },
      [&] {
        OffsetToCommit offset{.topic = topic, .partition = in.Int<std::int32_t>()};
        offset.offset = in.Int<std::int64_t>();
        if (request.version >= 6) offset.leader_epoch = in.Int<std::int32_t>();
        offset.metadata = in.String();
        commit.offsets.push_back(offset);
      });
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return commit;
}

std::string EncodeOffsetCommit(const RequestHeader& request,
                               const std::vector<OffsetToCommit>& offsets) {
  Writer out = AnswerTo(request, kOffsetCommitApi);
  if (request.version >= 3) out.Int(std::int32_t{0});  // throttle
  WriteTopics(out, offsets, [&](const OffsetToCommit& offset) {
    out.Int(offset.partition).Int(Code(offset.error));
  });
  return out.Tags().Take();
}

}  // namespace st::kafka
