// Answers to moves of partitions between folders: there is one folder, in which all partitions are.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/kafka/handler.h"

namespace st::api {

// Owner: ApiTable; `log` must outlive it.
class AlterReplicaLogDirsHandler final : public Handler {
 public:
  AlterReplicaLogDirsHandler(const log::Log& log, std::string path)
      : log_(log), path_(std::move(path)) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
  const std::string path_;  // of the one folder
};

}  // namespace st::api
