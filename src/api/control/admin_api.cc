#include "api/control/admin_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace st::api {
namespace {

net::HttpResponse Text(int status, std::string body) {
  net::HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

net::HttpResponse Readiness(const std::vector<std::string>& reasons) {
  nlohmann::json body = {{"status", reasons.empty() ? "ready" : "unready"}};
  if (!reasons.empty()) body["reasons"] = reasons;
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  auto response = Text(reasons.empty() ? 200 : 503, body.dump(-1, ' ', false, kReplace) + "\n");
  response.content_type = "application/json";
  return response;
}

}  // namespace

net::HttpHandler MakeAdminHandler(const MetricRegistry& metrics,
                                  std::function<std::vector<std::string>()> unready,
                                  net::HttpHandler otherwise) {
  return [&metrics, unready = std::move(unready), otherwise = std::move(otherwise)](
             net::HttpRequest request, auto responder) {
    const bool is_ours =
        request.path == "/livez" || request.path == "/readyz" || request.path == "/metrics";
    if (!is_ours) {
      if (otherwise) return otherwise(std::move(request), std::move(responder));
      return responder->Send(
          net::Problem(404, "no_route", "There are /livez, /readyz and /metrics."));
    }
    if (request.method != "GET" && request.method != "HEAD") {
      auto refusal = net::Problem(405, "method_not_allowed", request.path + " takes GET and HEAD.");
      refusal.headers.emplace_back("Allow", "GET, HEAD");
      return responder->Send(std::move(refusal));
    }
    if (request.path == "/livez") return responder->Send(Text(200, "ok\n"));
    if (request.path == "/readyz") return responder->Send(Readiness(unready()));
    auto response = Text(200, metrics.Render());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    responder->Send(std::move(response));
  };
}

}  // namespace st::api
