// Names this node as the coordinator of every group; refuses transactions, which are not offered.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/kafka/handler.h"

namespace st::api {

// A transactional producer ends with TRANSACTIONAL_ID_AUTHORIZATION_FAILED instead of waiting for a
// coordinator. `advertise` is the address of this node; empty: the one that the client dialled.
//
// Owner: ApiTable.
class FindCoordinatorHandler final : public Handler {
 public:
  explicit FindCoordinatorHandler(std::string advertise) : advertise_(std::move(advertise)) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const std::string advertise_;
};

}  // namespace st::api
