#include "api/kafka/describe_groups_handler.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "format/kafka/describe_groups.h"

namespace st::api {

bool DescribeGroupsHandler::Handle(const net::FrameSession& /*session*/,
                                   const std::shared_ptr<Request>& request,
                                   const Responder& responder) {
  const auto wanted = kafka::DecodeDescribeGroups(request->header);
  if (!wanted) return false;
  std::vector<kafka::DescribedGroup> groups;
  std::set<std::string_view> seen;
  for (const auto name : wanted->groups) {
    if (!seen.insert(name).second) continue;  // each once
    auto& group = groups.emplace_back(
        kafka::DescribedGroup{.message = {}, .group = name, .state = "Dead", .members = {}});
    const auto described = groups_.Describe(std::string(name));
    if (!described) {
      // Older clients know a group that is not there as dead.
      if (request->header.version < kafka::kFirstWithGroupNotFound) continue;
      group.error = kafka::ErrorCode::kGroupIdNotFound;
      group.message =
          fmt::format("Group {} {}.", name,
                      groups_.HasGroup(std::string(name)) ? "is not a classic group" : "not found");
      continue;
    }
    group.state = described->state;
    group.protocol_type = described->protocol_type;
    group.protocol = described->protocol;
    for (const auto& member : described->members) {
      group.members.push_back({.id = member.id,
                               .instance = member.instance,
                               .client_id = member.client_id,
                               .client_host = member.client_host,
                               .metadata = member.metadata,
                               .assignment = member.assignment});
    }
  }
  responder->Send(kafka::EncodeDescribeGroups(request->header, wanted->wants_operations, groups));
  return true;
}

}  // namespace st::api
