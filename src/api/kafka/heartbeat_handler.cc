#include "api/kafka/heartbeat_handler.h"

#include "api/kafka/errors.h"
#include "api/kafka/group_requests.h"
#include "format/kafka/heartbeat.h"

namespace st::api {

bool HeartbeatHandler::Handle(const net::FrameSession& /*session*/,
                              const std::shared_ptr<Request>& request, const Responder& responder) {
  const auto heartbeat = kafka::DecodeHeartbeat(request->header);
  if (!heartbeat) return false;
  const auto outcome = groups_.Heartbeat({.group = std::string(heartbeat->group),
                                          .member = std::string(heartbeat->member),
                                          .instance = TextOf(heartbeat->instance),
                                          .generation = heartbeat->generation});
  responder->Send(kafka::EncodeHeartbeat(request->header, KafkaErrorFor(outcome)));
  return true;
}

}  // namespace st::api
