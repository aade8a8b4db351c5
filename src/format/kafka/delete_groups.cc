#include "format/kafka/delete_groups.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<std::string_view>> DecodeDeleteGroups(const RequestHeader& request) {
  Reader in = ReaderOf(request, kDeleteGroupsApi);
  auto groups = ReadNames(in, kMaxRequestGroups);
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return groups;
}

std::string EncodeDeleteGroups(const RequestHeader& request,
                               const std::vector<DeletedGroup>& groups) {
  Writer out = AnswerTo(request, kDeleteGroupsApi);
  out.Int(std::int32_t{0}).ArrayLength(groups);  // throttle, then the results
  for (const auto& group : groups) out.String(group.group).Int(Code(group.error)).Tags();
  return out.Tags().Take();
}

}  // namespace st::kafka
