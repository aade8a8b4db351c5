// Gives ids to idempotent producers; refuses transactional ones.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

class InitProducerIdHandler final : public Handler {
 public:
  explicit InitProducerIdHandler(log::Log& log) : log_(log) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  log::Log& log_;
};

}  // namespace st::api
