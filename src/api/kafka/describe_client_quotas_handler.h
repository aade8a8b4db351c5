// Describes quotas of clients: there are none; checks filters as Kafka does.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable.
class DescribeClientQuotasHandler final : public Handler {
 public:
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
};

}  // namespace st::api
