// Moves the start of partitions forward by request.
#pragma once

#include <memory>
#include <utility>

#include "api/kafka/handler.h"
#include "api/kafka/record_deletion.h"

namespace st::api {

// Each partition is answered once, by the last offset that the request gives it.
//
// Threads: Handle on io threads; answers from the thread on which `delete_records` answers.
// Owner:   ApiTable; the log must outlive it.
class DeleteRecordsHandler final : public Handler {
 public:
  DeleteRecordsHandler(const log::Log& log, DeleteRecords delete_records)
      : log_(log), delete_records_(std::move(delete_records)) {}
  // Answers when every partition of the request is done or refused.
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;

 private:
  const log::Log& log_;
  const DeleteRecords delete_records_;
};

}  // namespace st::api
