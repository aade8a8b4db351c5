// Lists the partitions that move between brokers: none.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable.
class ListPartitionReassignmentsHandler final : public Handler {
 public:
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
};

}  // namespace st::api
