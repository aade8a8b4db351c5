#include "api/kafka/create_acls_handler.h"

#include "format/kafka/create_acls.h"

namespace st::api {

bool CreateAclsHandler::Handle(const net::FrameSession& /*session*/,
                               const std::shared_ptr<Request>& request,
                               const Responder& responder) {
  const auto acls = kafka::DecodeCreateAcls(request->header);
  if (!acls) return false;
  responder->Send(kafka::EncodeCreateAcls(request->header, acls->size(),
                                          kafka::ErrorCode::kSecurityDisabled,
                                          "No Authorizer is configured."));
  return true;
}

}  // namespace st::api
