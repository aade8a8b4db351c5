#include "format/kafka/leave_group.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

constexpr std::int16_t kFirstBatched = 3;

}  // namespace

std::optional<LeaveGroupRequest> DecodeLeaveGroup(const RequestHeader& request) {
  Reader in = ReaderOf(request, kLeaveGroupApi);
  LeaveGroupRequest leave{.group = in.String(), .members = {}};
  if (request.version < kFirstBatched) {
    leave.members.push_back({.member = in.String(), .instance = {}});
    if (!in.ok()) return std::nullopt;
    return leave;
  }
  for (auto n = in.ArrayLength(kMaxRequestMembers); in.ok() && n > 0; --n) {
    LeavingGroupMember member{.member = in.String(), .instance = {}};
    member.instance = in.NullableString();
    if (request.version >= 5) in.NullableString();  // the reason
    in.Tags();
    leave.members.push_back(member);
  }
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return leave;
}

std::string EncodeLeaveGroup(const RequestHeader& request, ErrorCode error,
                             const std::vector<LeavingGroupMember>& members) {
  Writer out = AnswerTo(request, kLeaveGroupApi);
  if (request.version >= 1) out.Int(std::int32_t{0});  // throttle
  if (request.version < kFirstBatched) {
    const bool is_of_member = error == ErrorCode::kNone && !members.empty();
    return out.Int(Code(is_of_member ? members.front().error : error)).Take();
  }
  out.Int(Code(error)).ArrayLength(members);
  for (const auto& member : members) {
    out.String(member.member).NullableString(member.instance).Int(Code(member.error)).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
