// Takes the heartbeats of members of the new protocol of groups.
#pragma once

#include <memory>

#include "api/kafka/handler.h"
#include "group/coordinator.h"

namespace st::api {

// Owner: ApiTable; `groups` must outlive it.
class ConsumerGroupHeartbeatHandler final : public Handler {
 public:
  explicit ConsumerGroupHeartbeatHandler(group::Coordinator& groups) : groups_(groups) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  group::Coordinator& groups_;
};

}  // namespace st::api
