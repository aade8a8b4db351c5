#include "api/kafka/init_producer_id_handler.h"

#include "format/kafka/init_producer_id.h"

namespace st::api {

bool InitProducerIdHandler::Handle(const net::FrameSession& /*session*/,
                                   const std::shared_ptr<Request>& request,
                                   const Responder& responder) {
  const auto init = kafka::DecodeInitProducerId(request->header);
  if (!init) return false;
  if (init->transactional_id) {
    responder->Send(kafka::EncodeInitProducerId(
        request->header, kafka::ErrorCode::kTransactionalIdAuthorizationFailed, -1));
    return true;
  }
  responder->Send(kafka::EncodeInitProducerId(request->header, kafka::ErrorCode::kNone,
                                              log_.NewProducerId().value()));
  return true;
}

}  // namespace st::api
