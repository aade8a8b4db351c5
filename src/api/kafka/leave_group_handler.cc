#include "api/kafka/leave_group_handler.h"

#include <vector>

#include "api/kafka/errors.h"
#include "api/kafka/group_requests.h"
#include "format/kafka/leave_group.h"

namespace st::api {

bool LeaveGroupHandler::Handle(const net::FrameSession& /*session*/,
                               const std::shared_ptr<Request>& request,
                               const Responder& responder) {
  auto leave = kafka::DecodeLeaveGroup(request->header);
  if (!leave) return false;
  std::vector<group::LeavingMember> leaving;
  for (const auto& member : leave->members) {
    leaving.push_back({std::string(member.member), TextOf(member.instance)});
  }
  const auto answer = groups_.Leave(std::string(leave->group), leaving);
  for (std::size_t i = 0; i < answer.members.size(); ++i) {
    leave->members[i].error = KafkaErrorFor(answer.members[i]);
  }
  if (answer.outcome != group::Outcome::kDone) leave->members.clear();
  responder->Send(
      kafka::EncodeLeaveGroup(request->header, KafkaErrorFor(answer.outcome), leave->members));
  return true;
}

}  // namespace st::api
