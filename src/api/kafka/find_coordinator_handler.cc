#include "api/kafka/find_coordinator_handler.h"

#include <vector>

#include "api/kafka/node.h"
#include "format/kafka/find_coordinator.h"
#include "format/kafka/metadata.h"

namespace st::api {

using kafka::ErrorCode;

bool FindCoordinatorHandler::Handle(const net::FrameSession& session,
                                    const std::shared_ptr<Request>& request,
                                    const Responder& responder) {
  const auto find = kafka::DecodeFindCoordinator(request->header);
  if (!find) return false;
  const auto node = NodeOf(advertise_.empty() ? session.local : advertise_);
  std::vector<kafka::FoundCoordinator> found;
  for (const auto key : find->keys) {
    if (find->type == kafka::FindCoordinatorRequest::kGroups) {
      found.push_back({.key = key, .node = kafka::kNodeId, .host = node.host, .port = node.port});
    } else if (find->type == kafka::FindCoordinatorRequest::kTransactions) {
      found.push_back({.key = key,
                       .error = ErrorCode::kTransactionalIdAuthorizationFailed,
                       .message = "transactions are not offered by this server: use an idempotent "
                                  "producer instead"});
    } else {
      found.push_back({.key = key, .error = ErrorCode::kInvalidRequest});
    }
  }
  responder->Send(kafka::EncodeFindCoordinator(request->header, found));
  return true;
}

}  // namespace st::api
