#include "api/control/discovery_api.h"

namespace st::api {

void AddDiscoveryRoute(std::function<std::string()> document, http::RouteTable& table) {
  table.Add({.methods = {"GET", "HEAD"},
             .path = std::string(kDiscoveryPath),
             .who_may = http::WhoMay::kSameMachine,
             .handler = [document = std::move(document)](
                            const http::Call&, std::unique_ptr<net::HttpResponder> responder) {
               net::HttpResponse response;
               response.content_type = "application/json";
               response.headers.emplace_back("Cache-Control", "no-store");
               response.body = document();
               responder->Send(std::move(response));
             }});
}

}  // namespace st::api
