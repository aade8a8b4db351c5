// Refuses consumer groups and transactions, which are not offered.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Answers GROUP_AUTHORIZATION_FAILED for a group and TRANSACTIONAL_ID_AUTHORIZATION_FAILED for a
// transactional id: a client that wants one ends with that error instead of waiting for a
// coordinator.
class FindCoordinatorHandler final : public Handler {
 public:
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
};

}  // namespace st::api
