#include "format/kafka/sync_group.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
std::optional<SyncGroupRequest> DecodeSyncGroup(const RequestHeader& request) {
  Reader in = ReaderOf(request, kSyncGroupApi);
  SyncGroupRequest sync{.group = in.String(), .assignments = {}};
  sync.generation = in.Int<std::int32_t>();
  sync.member = in.String();
  if (request.version >= 3) sync.instance = in.NullableString();
  if (request.version >= kFirstWithProtocol) {
    sync.protocol_type = in.NullableString();
    sync.protocol = in.NullableString();
  }
  for (auto n = in.ArrayLength(kMaxRequestMembers); in.ok() && n > 0; --n) {
    const auto member = in.String();
    sync.assignments.emplace_back(member, in.Bytes());
    in.Tags();
  }
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return sync;
}

std::string EncodeSyncGroup(const RequestHeader& request, const SyncGroupAnswer& answer) {
  Writer out = AnswerTo(request, kSyncGroupApi);
  if (request.version >= 1) out.Int(std::int32_t{0});  // throttle
  out.Int(Code(answer.error));
  if (request.version >= kFirstWithProtocol) {
    out.NullableString(answer.protocol_type).NullableString(answer.protocol);
  }
  return out.Bytes(answer.assignment).Tags().Take();
}

}  // namespace st::kafka
