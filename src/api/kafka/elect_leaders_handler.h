// Answers that no partition needs an election: the one node leads them all.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable; `log` must outlive it.
class ElectLeadersHandler final : public Handler {
 public:
  explicit ElectLeadersHandler(const log::Log& log) : log_(log) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
};

}  // namespace st::api
