#include "format/kafka/offset_delete.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<OffsetDeleteRequest> DecodeOffsetDelete(const RequestHeader& request) {
  Reader in = ReaderOf(request, kOffsetDeleteApi);
  OffsetDeleteRequest remove{.group = in.String(), .offsets = {}};
  std::string_view topic;
  ReadTopics(
      in, [&](std::string_view name) { topic = name; },
      [&] { remove.offsets.push_back({.topic = topic, .partition = in.Int<std::int32_t>()}); });
  if (!in.ok()) return std::nullopt;
  return remove;
}

std::string EncodeOffsetDelete(const RequestHeader& request, ErrorCode error,
                               const std::vector<OffsetToDelete>& offsets) {
  Writer out = AnswerTo(request, kOffsetDeleteApi);
  out.Int(Code(error)).Int(std::int32_t{0});  // throttle
  static const std::vector<OffsetToDelete> none;
  WriteTopics(out, error == ErrorCode::kNone ? offsets : none, [&](const OffsetToDelete& offset) {
    out.Int(offset.partition).Int(Code(offset.error));
  });
  return out.Take();
}

}  // namespace st::kafka
