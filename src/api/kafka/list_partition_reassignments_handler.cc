#include "api/kafka/list_partition_reassignments_handler.h"

#include "format/kafka/list_partition_reassignments.h"

namespace st::api {

bool ListPartitionReassignmentsHandler::Handle(const net::FrameSession& /*session*/,
                                               const std::shared_ptr<Request>& request,
                                               const Responder& responder) {
  if (!kafka::DecodeListPartitionReassignments(request->header)) return false;
  responder->Send(kafka::EncodeListPartitionReassignments(request->header));
  return true;
}

}  // namespace st::api
