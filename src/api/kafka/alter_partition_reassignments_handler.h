// Answers to moves of partitions between brokers: there is one, on which all partitions stay.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable; `log` must outlive it.
class AlterPartitionReassignmentsHandler final : public Handler {
 public:
  explicit AlterPartitionReassignmentsHandler(const log::Log& log) : log_(log) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
};

}  // namespace st::api
