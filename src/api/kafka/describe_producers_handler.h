// Describes the idempotent producers that partitions remember.
#pragma once

#include <memory>

#include "api/kafka/handler.h"
#include "log/inspection.h"

namespace st::api {

// A partition that is named more than once is described once. A client without room for the answer
// is disconnected.
//
// Threads: Handle on io threads; answers from the log's commit thread.
// Owner:   ApiTable; `log` and its `inspection` must outlive it.
class DescribeProducersHandler final : public Handler {
 public:
  DescribeProducersHandler(const log::Log& log, log::Inspection& inspection)
      : log_(log), inspection_(inspection) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
  log::Inspection& inspection_;
};

}  // namespace st::api
