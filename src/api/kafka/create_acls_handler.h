// Refuses new ACLs: there are none.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// As Kafka without an authorizer: SECURITY_DISABLED.
//
// Owner: ApiTable.
class CreateAclsHandler final : public Handler {
 public:
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
};

}  // namespace st::api
