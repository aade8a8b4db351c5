#include "api/kafka/join_group_handler.h"

#include "api/kafka/errors.h"
#include "api/kafka/group_requests.h"
#include "format/kafka/join_group.h"

namespace st::api {

bool JoinGroupHandler::Handle(const net::FrameSession& session,
                              const std::shared_ptr<Request>& request, const Responder& responder) {
  const auto join = kafka::DecodeJoinGroup(request->header);
  if (!join) return false;
  group::JoinRequest wanted{
      .group = std::string(join->group),
      .member = std::string(join->member),
      .instance = TextOf(join->instance),
      .protocol_type = std::string(join->protocol_type),
      .protocols = {},
      .session_timeout_ms = join->session_timeout_ms,
      .rebalance_timeout_ms = join->rebalance_timeout_ms,
      .must_know_id = request->header.version >= kafka::kFirstWithRequiredId,
      .may_skip_assignment = request->header.version >= kafka::kFirstWithSkippedAssignment,
      .client = ClientOf(*request, session.peer)};
  for (const auto& [name, metadata] : join->protocols) {
    wanted.protocols.push_back({std::string(name), std::string(metadata)});
  }
  groups_.Join(wanted, [request, responder](const group::JoinAnswer& answer) {
    kafka::JoinGroupAnswer out{.error = KafkaErrorFor(answer.outcome),
                               .generation = answer.generation,
                               .protocol_type = answer.protocol_type,
                               .protocol = answer.protocol,
                               .leader = answer.leader,
                               .skips_assignment = answer.skips_assignment,
                               .member = answer.member,
                               .members = {}};
    for (const auto& member : answer.members) {
      out.members.push_back({member.id, member.instance, member.metadata});
    }
    responder->Send(kafka::EncodeJoinGroup(request->header, out));
  });
  return true;
}

}  // namespace st::api
