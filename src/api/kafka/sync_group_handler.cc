#include "api/kafka/sync_group_handler.h"

#include "api/kafka/errors.h"
#include "api/kafka/group_requests.h"
#include "format/kafka/sync_group.h"

namespace st::api {

bool SyncGroupHandler::Handle(const net::FrameSession& /*session*/,
                              const std::shared_ptr<Request>& request, const Responder& responder) {
  const auto sync = kafka::DecodeSyncGroup(request->header);
  if (!sync) return false;
  if (request->header.version >= kafka::kFirstWithProtocol &&
      (!sync->protocol_type || !sync->protocol)) {
    responder->Send(kafka::EncodeSyncGroup(request->header,
                                           {.error = kafka::ErrorCode::kInconsistentGroupProtocol,
                                            .protocol_type = {},
                                            .protocol = {},
                                            .assignment = {}}));
    return true;
  }
  group::SyncRequest wanted{.member = {.group = std::string(sync->group),
                                       .member = std::string(sync->member),
                                       .instance = TextOf(sync->instance),
                                       .generation = sync->generation},
                            .protocol_type = TextOf(sync->protocol_type),
                            .protocol = TextOf(sync->protocol),
                            .assignments = {}};
  for (const auto& [member, assignment] : sync->assignments) {
    wanted.assignments.emplace_back(member, assignment);
  }
  groups_.Sync(wanted, [request, responder](const group::SyncAnswer& answer) {
    responder->Send(kafka::EncodeSyncGroup(request->header, {.error = KafkaErrorFor(answer.outcome),
                                                             .protocol_type = answer.protocol_type,
                                                             .protocol = answer.protocol,
                                                             .assignment = answer.assignment}));
  });
  return true;
}

}  // namespace st::api
