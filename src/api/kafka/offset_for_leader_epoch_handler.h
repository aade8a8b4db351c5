// Tells where an epoch of a partition's leader ends: its one epoch ends where the partition does.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable; `log` must outlive it.
class OffsetForLeaderEpochHandler final : public Handler {
 public:
  explicit OffsetForLeaderEpochHandler(const log::Log& log) : log_(log) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
};

}  // namespace st::api
