// Describes the one node, its address and the id of the log, which is the cluster's.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable; `log` must outlive it.
class DescribeClusterHandler final : public Handler {
 public:
  // `advertise` is the address for clients; empty: the one that the client dialled.
  DescribeClusterHandler(const log::Log& log, std::string advertise)
      : log_(log), advertise_(std::move(advertise)) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
  const std::string advertise_;
};

}  // namespace st::api
