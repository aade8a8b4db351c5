// Tells states, epochs and members of groups of the new protocol.
#pragma once

#include <memory>

#include "api/kafka/handler.h"
#include "group/coordinator.h"
#include "log/log.h"

namespace st::api {

// Owner: ApiTable; `groups` and `log` must outlive it.
class ConsumerGroupDescribeHandler final : public Handler {
 public:
  ConsumerGroupDescribeHandler(group::Coordinator& groups, const log::Log& log)
      : groups_(groups), log_(log) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  group::Coordinator& groups_;
  const log::Log& log_;
};

}  // namespace st::api
