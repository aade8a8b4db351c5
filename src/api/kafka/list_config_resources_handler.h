// Names what has settings: the topics and the one node.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable; the log must outlive it.
class ListConfigResourcesHandler final : public Handler {
 public:
  explicit ListConfigResourcesHandler(const log::Log& log) : log_(log) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
};

}  // namespace st::api
