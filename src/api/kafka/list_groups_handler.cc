#include "api/kafka/list_groups_handler.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "format/kafka/list_groups.h"

namespace st::api {
namespace {

// In any case; no names are all.
bool IsAmong(std::string_view name, const std::vector<std::string_view>& names) {
  return names.empty() || std::ranges::any_of(names, [&](std::string_view one) {
           return AsciiLower(one) == AsciiLower(name);
         });
}

}  // namespace

bool ListGroupsHandler::Handle(const net::FrameSession& /*session*/,
                               const std::shared_ptr<Request>& request,
                               const Responder& responder) {
  const auto wanted = kafka::DecodeListGroups(request->header);
  if (!wanted) return false;
  std::vector<kafka::ListedGroup> groups;
  for (const auto& group : groups_.List()) {
    if (!IsAmong(group.type, wanted->types) || !IsAmong(group.state, wanted->states)) continue;
    groups.push_back({.group = group.id,
                      .protocol_type = group.protocol_type,
                      .state = group.state,
                      .type = group.type});
  }
  responder->Send(kafka::EncodeListGroups(request->header, kafka::ErrorCode::kNone, groups));
  return true;
}

}  // namespace st::api
