#include "format/kafka/describe_groups.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<DescribeGroupsRequest> DecodeDescribeGroups(const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeGroupsApi);
  DescribeGroupsRequest describe{.groups = ReadNames(in, kMaxRequestGroups)};
  if (request.version >= 3) describe.wants_operations = in.Bool();
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return describe;
}

std::string EncodeDescribeGroups(const RequestHeader& request, bool wants_operations,
                                 const std::vector<DescribedGroup>& groups) {
  Writer out = AnswerTo(request, kDescribeGroupsApi);
  if (request.version >= 1) out.Int(std::int32_t{0});  // throttle
  out.ArrayLength(groups);
  for (const auto& group : groups) {
    out.Int(Code(group.error));
    if (request.version >= kFirstWithGroupNotFound) out.NullableString(OrNull(group.message));
    out.String(group.group).String(group.state).String(group.protocol_type).String(group.protocol);
    out.ArrayLength(group.members);
    for (const auto& member : group.members) {
      out.String(member.id);
      if (request.version >= 4) out.NullableString(member.instance);
      out.String(member.client_id).String(member.client_host);
      out.Bytes(member.metadata).Bytes(member.assignment).Tags();
    }
    if (request.version >= 3) {
      const bool is_there = group.error == ErrorCode::kNone;
      out.Int(wants_operations && is_there ? kAllGroupOperations : kOperationsNotAsked);
    }
    out.Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
