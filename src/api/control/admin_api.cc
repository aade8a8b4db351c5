#include "api/control/admin_api.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "net/address.h"
#include "net/fair_thread.h"

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

void AddAdminRoutes(const MetricRegistry& metrics,
                    std::function<std::vector<std::string>()> unready, http::RouteTable& table) {
  const auto thread = std::make_shared<net::FairThread>("admin");
  const auto add = [&](const std::string& path, std::function<net::HttpResponse()> answer) {
    const auto handle = [thread, answer = std::move(answer)](
                            const http::Call& call, std::unique_ptr<net::HttpResponder> responder) {
      thread->Submit(net::ClientOf(call.request.peer),
                     [answer, responder = std::move(responder)] { responder->Send(answer()); });
    };
    table.Add({.methods = {"GET", "HEAD"}, .path = path, .handler = handle});
  };
  table.Add({.methods = {"GET", "HEAD"},
             .path = "/livez",
             .handler = [](const http::Call&, std::unique_ptr<net::HttpResponder> responder) {
               responder->Send(Text(200, "ok\n"));
             }});
  add("/readyz", [unready = std::move(unready)] { return Readiness(unready()); });
  add("/metrics", [&metrics] {
    auto response = Text(200, metrics.Render());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return response;
  });
}

net::HttpResponse NoAdminRoute(const http::RouteTable&, const http::Call&) {
  return net::Problem(404, "no_route", "There are /livez, /readyz and /metrics.");
}

}  // namespace st::api
