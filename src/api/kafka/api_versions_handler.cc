#include "api/kafka/api_versions_handler.h"

#include "format/kafka/api_versions.h"

namespace st::api {

bool ApiVersionsHandler::Handle(const net::FrameSession& /*session*/,
                                const std::shared_ptr<Request>& request,
                                const Responder& responder) {
  responder->Send(kafka::EncodeApiVersions(request->header, table_.versions(), false));
  return true;
}

void ApiVersionsHandler::RefuseVersion(const Request& request, const Responder& responder) {
  responder->Send(kafka::EncodeApiVersions(request.header, table_.versions(), true));
}

}  // namespace st::api
