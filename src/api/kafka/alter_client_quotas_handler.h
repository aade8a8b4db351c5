// Refuses to set quotas, since there are none; to remove one changes nothing.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable.
class AlterClientQuotasHandler final : public Handler {
 public:
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
};

}  // namespace st::api
