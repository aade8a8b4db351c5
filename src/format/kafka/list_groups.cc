#include "format/kafka/list_groups.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<ListGroupsRequest> DecodeListGroups(const RequestHeader& request) {
  Reader in = ReaderOf(request, kListGroupsApi);
  ListGroupsRequest list;
  if (request.version >= 4) list.states = ReadNames(in, kMaxRequestGroups);
  if (request.version >= 5) list.types = ReadNames(in, kMaxRequestGroups);
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return list;
}

std::string EncodeListGroups(const RequestHeader& request, ErrorCode error,
                             const std::vector<ListedGroup>& groups) {
  Writer out = AnswerTo(request, kListGroupsApi);
  if (request.version >= 1) out.Int(std::int32_t{0});  // throttle
  out.Int(Code(error)).ArrayLength(groups);
  for (const auto& group : groups) {
    out.String(group.group).String(group.protocol_type);
    if (request.version >= 4) out.String(group.state);
    if (request.version >= 5) out.String(group.type);
    out.Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
