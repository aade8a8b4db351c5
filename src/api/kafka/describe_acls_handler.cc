#include "api/kafka/describe_acls_handler.h"

#include "format/kafka/describe_acls.h"

namespace st::api {

bool DescribeAclsHandler::Handle(const net::FrameSession& /*session*/,
                                 const std::shared_ptr<Request>& request,
                                 const Responder& responder) {
  if (!kafka::DecodeDescribeAcls(request->header)) return false;
  responder->Send(kafka::EncodeDescribeAcls(request->header, kafka::ErrorCode::kSecurityDisabled,
                                            "No Authorizer is configured on the broker"));
  return true;
}

}  // namespace st::api
