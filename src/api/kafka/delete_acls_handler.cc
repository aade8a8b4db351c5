#include "api/kafka/delete_acls_handler.h"

#include "format/kafka/delete_acls.h"

namespace st::api {

bool DeleteAclsHandler::Handle(const net::FrameSession& /*session*/,
                               const std::shared_ptr<Request>& request,
                               const Responder& responder) {
  const auto acls = kafka::DecodeDeleteAcls(request->header);
  if (!acls) return false;
  responder->Send(kafka::EncodeDeleteAcls(request->header, acls->size(),
                                          kafka::ErrorCode::kSecurityDisabled,
                                          "No Authorizer is configured."));
  return true;
}

}  // namespace st::api
