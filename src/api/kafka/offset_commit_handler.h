// Commits offsets of groups; the answer comes when they are durable.
#pragma once

#include <memory>

#include "api/kafka/handler.h"
#include "group/coordinator.h"
#include "log/log.h"
#include "os/clock.h"

namespace st::api {

// Owner: ApiTable; `groups`, `log` and `clock` must outlive it.
class OffsetCommitHandler final : public Handler {
 public:
  explicit OffsetCommitHandler(group::Coordinator& groups, const log::Log& log, os::Clock& clock)
      : groups_(groups), log_(log), clock_(clock) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  group::Coordinator& groups_;
  const log::Log& log_;
  os::Clock& clock_;
};

}  // namespace st::api
