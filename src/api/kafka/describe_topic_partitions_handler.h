// Tells topics with their partitions, a part at a time, each answer from the cursor of the last.
#pragma once

#include <memory>

#include "api/kafka/handler.h"

namespace st::api {

// Owner:  ApiTable; `log` must outlive it.
// Limits: kMaxDescribedPartitions (limits.h).
class DescribeTopicPartitionsHandler final : public Handler {
 public:
  explicit DescribeTopicPartitionsHandler(const log::Log& log) : log_(log) {}
  // False also where the answer would be larger than the client's share of memory.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
};

}  // namespace st::api
