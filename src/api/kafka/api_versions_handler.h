// Tells which versions of which APIs are served.
#pragma once

#include <memory>

#include "api/kafka/api_table.h"
#include "api/kafka/handler.h"

namespace st::api {

// Owner: a row of `table`, which it describes.
class ApiVersionsHandler final : public Handler {
 public:
  explicit ApiVersionsHandler(const ApiTable& table) : table_(table) {}
  bool Handle(const net::FrameSession& session, const std::shared_ptr<Request>& request,
              const Responder& responder) override;
  // Answers in version 0, so that the client asks again in a version that is served (KIP-511).
  void RefuseVersion(const Request& request, const Responder& responder) override;

 private:
  const ApiTable& table_;
};

}  // namespace st::api
