#include "format/kafka/join_group.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

constexpr std::int16_t kFirstWithInstance = 5;
constexpr std::int16_t kFirstWithProtocolType = 7;

}  // namespace

std::optional<JoinGroupRequest> DecodeJoinGroup(const RequestHeader& request) {
  Reader in = ReaderOf(request, kJoinGroupApi);
  JoinGroupRequest join{.group = in.String(), .protocols = {}};
  join.session_timeout_ms = in.Int<std::int32_t>();
  join.rebalance_timeout_ms =
      request.version >= 1 ? in.Int<std::int32_t>() : join.session_timeout_ms;
  join.member = in.String();
  if (request.version >= kFirstWithInstance) join.instance = in.NullableString();
  join.protocol_type = in.String();
  for (auto n = in.ArrayLength(kMaxRequestProtocols); in.ok() && n > 0; --n) {
    const auto name = in.String();
    join.protocols.emplace_back(name, in.Bytes());
    in.Tags();
  }
  if (request.version >= 8) in.NullableString();  // the reason
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return join;
}

std::string EncodeJoinGroup(const RequestHeader& request, const JoinGroupAnswer& answer) {
  Writer out = AnswerTo(request, kJoinGroupApi);
  if (request.version >= 2) out.Int(std::int32_t{0});  // throttle
  out.Int(Code(answer.error)).Int(answer.generation);
  if (request.version >= kFirstWithProtocolType) {
    out.NullableString(answer.protocol_type).NullableString(answer.protocol);
  } else {
    out.String(answer.protocol.value_or(""));
  }
  out.String(answer.leader);
  if (request.version >= kFirstWithSkippedAssignment) out.Bool(answer.skips_assignment);
  out.String(answer.member).ArrayLength(answer.members);
  for (const auto& member : answer.members) {
    out.String(member.id);
    if (request.version >= kFirstWithInstance) out.NullableString(member.instance);
    out.Bytes(member.metadata).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
