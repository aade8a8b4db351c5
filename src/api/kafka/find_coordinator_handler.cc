#include "api/kafka/find_coordinator_handler.h"

#include "format/kafka/find_coordinator.h"

namespace st::api {

bool FindCoordinatorHandler::Handle(const net::FrameSession& /*session*/,
                                    const std::shared_ptr<Request>& request,
                                    const Responder& responder) {
  const auto find = kafka::DecodeFindCoordinator(request->header);
  if (!find) return false;
  if (find->is_of_transactions) {
    responder->Send(kafka::EncodeFindCoordinator(
        request->header, kafka::ErrorCode::kTransactionalIdAuthorizationFailed,
        "transactions are not offered by this server: use an idempotent producer instead"));
    return true;
  }
  responder->Send(kafka::EncodeFindCoordinator(
      request->header, kafka::ErrorCode::kGroupAuthorizationFailed,
      "consumer groups are not offered by this server: assign partitions instead"));
  return true;
}

}  // namespace st::api
