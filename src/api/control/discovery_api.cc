#include "api/control/discovery_api.h"

#include "api/control/access.h"

namespace st::api {
namespace {

bool IsLoopback(std::string_view peer) {
  return peer.starts_with("127.") || peer.starts_with("[::1]:") || peer == "unix";
}

// A proxy on this machine speaks for somebody else.
bool IsPassedOn(const net::HttpRequest& request) {
  return !request.Header("Forwarded").empty() || !request.Header("X-Forwarded-For").empty() ||
         !request.Header("X-Real-IP").empty() || !request.Header("Via").empty();
}

}  // namespace

net::HttpHandler MakeDiscoveryHandler(std::function<std::string()> document,
                                      std::vector<std::string> allowed_hosts,
                                      net::HttpHandler inner) {
  auto show = [document = std::move(document)](const net::HttpRequest& request, auto responder) {
    if (request.method != "GET" && request.method != "HEAD") {
      auto refusal = net::Problem(405, "method_not_allowed", "This takes GET and HEAD.");
      refusal.headers.emplace_back("Allow", "GET, HEAD");
      return responder->Send(std::move(refusal));
    }
    net::HttpResponse response;
    response.content_type = "application/json";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = document();
    responder->Send(std::move(response));
  };
  return [show = GuardHost(std::move(show), std::move(allowed_hosts)), inner = std::move(inner)](
             net::HttpRequest request, auto responder) {
    if (request.path != kDiscoveryPath) return inner(std::move(request), std::move(responder));
    if (!IsLoopback(request.peer) || IsPassedOn(request)) {
      return responder->Send(
          net::Problem(403, "loopback_only", "This is for tools on the server's own machine."));
    }
    show(std::move(request), std::move(responder));
  };
}

}  // namespace st::api
