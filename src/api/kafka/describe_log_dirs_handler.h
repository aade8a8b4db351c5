// Describes the one folder of the log: the bytes of each partition and the room of its volume.
#pragma once

#include <memory>
#include <utility>

#include "api/kafka/handler.h"
#include "api/kafka/log_dir.h"
#include "log/inspection.h"

namespace st::api {

// Owner: ApiTable; `log` and its `inspection` must outlive it.
class DescribeLogDirsHandler final : public Handler {
 public:
  DescribeLogDirsHandler(const log::Log& log, const log::Inspection& inspection, LogDir dir)
      : log_(log), inspection_(inspection), dir_(std::move(dir)) {}
  // False also where the answer would be larger than the client's share of memory.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
  const log::Inspection& inspection_;
  const LogDir dir_;
};

}  // namespace st::api
