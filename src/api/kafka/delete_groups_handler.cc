#include "api/kafka/delete_groups_handler.h"

#include <set>
#include <vector>

#include "api/kafka/errors.h"
#include "format/kafka/delete_groups.h"

namespace st::api {

bool DeleteGroupsHandler::Handle(const net::FrameSession& /*session*/,
                                 const std::shared_ptr<Request>& request,
                                 const Responder& responder) {
  const auto wanted = kafka::DecodeDeleteGroups(request->header);
  if (!wanted) return false;
  auto gather = std::make_shared<Gather<kafka::DeletedGroup>>();
  gather->done = [request, responder](const std::vector<kafka::DeletedGroup>& groups) {
    responder->Send(kafka::EncodeDeleteGroups(request->header, groups));
  };
  std::set<std::string_view> seen;
  for (const auto name : *wanted) {
    if (seen.insert(name).second) gather->parts.push_back({.group = name});
  }
  gather->missing = gather->parts.size() + 1;
  for (std::size_t i = 0; i < gather->parts.size(); ++i) {
    groups_.Delete(std::string(gather->parts[i].group), [gather, i](group::Outcome outcome) {
      gather->parts[i].error = KafkaErrorFor(outcome);
      gather->Arrived();
    });
  }
  gather->Arrived();
  return true;
}

}  // namespace st::api
