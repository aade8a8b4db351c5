// Refuses consumer groups, which are not offered.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Answers every group with GROUP_AUTHORIZATION_FAILED: a client that wants one ends with that error
// instead of waiting for a coordinator.
class FindCoordinatorHandler final : public Handler {
 public:
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
};

}  // namespace st::api
