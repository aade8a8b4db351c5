#include "api/control/access.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "net/address.h"

namespace st::api {
namespace {

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("[::1]") ||
         address.starts_with("[::ffff:127.");
}

bool IsSameMachine(const net::HttpRequest& request) {
  return request.peer.starts_with("127.") || request.peer.starts_with("[::1]:") ||
         request.peer == "unix";
}

// True if a proxy, perhaps on this machine, forwards the request for another client.
bool IsPassedOn(const net::HttpRequest& request) {
  return !request.Header("Forwarded").empty() || !request.Header("X-Forwarded-For").empty() ||
         !request.Header("X-Real-IP").empty() || !request.Header("Via").empty();
}

net::HttpResponse HostNotAllowed() {
  return net::Problem(403, "host_not_allowed",
                      "This port answers to loopback names only; others go into the setting "
                      "admin.allowed_hosts.");
}

// Adds the headers with which a page of an allowed origin can read the response.
class CorsResponder final : public net::HttpResponder {
 public:
  CorsResponder(std::unique_ptr<net::HttpResponder> to, std::string origin)
      : to_(std::move(to)), origin_(std::move(origin)) {}
  void Send(net::HttpResponse response) override {
    response.headers.emplace_back("Vary", "Origin");
    if (!origin_.empty()) {
      response.headers.emplace_back("Access-Control-Allow-Origin", origin_);
      response.headers.emplace_back("Access-Control-Expose-Headers",
                                    "Steelthread-Position, Location, Allow, Retry-After");
    }
    to_->Send(std::move(response));
  }

 private:
  const std::unique_ptr<net::HttpResponder> to_;
  const std::string origin_;  // "" if no page sent the request
};

class OriginGuard {
 public:
  OriginGuard(net::HttpHandler inner, OriginRules rules)
      : inner_(std::move(inner)),
        rules_(std::move(rules)),
        takes_all_(std::ranges::find(rules_.allowed_origins, "*") != rules_.allowed_origins.end()) {
  }

  void Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) const {
    const auto origin = request.Header("Origin");
    const bool is_allowed = takes_all_ || (!origin.empty() && Contains(origin));
    if (!rules_.allowed_origins.empty()) {
      const std::string_view shown = origin.empty() || !is_allowed ? "" : takes_all_ ? "*" : origin;
      responder = std::make_unique<CorsResponder>(std::move(responder), std::string(shown));
    }
    if (!is_allowed && IsForeign(request, origin)) return responder->Send(Refusal(origin));
    const auto method = request.Header("Access-Control-Request-Method");
    const bool is_preflight = request.method == "OPTIONS" && !origin.empty() && !method.empty();
    if (is_allowed && is_preflight) return responder->Send(Preflight(request));
    inner_(std::move(request), std::move(responder));
  }

 private:
  bool Contains(std::string_view origin) const {
    return std::ranges::any_of(rules_.allowed_origins, [&](const auto& allowed) {
      return EqualsIgnoreCase(allowed, origin);
    });
  }

  // A page of ours has our own address as its origin. A name that resolves to us does not suffice,
  // since any site can have one.
  bool IsForeign(const net::HttpRequest& request, std::string_view origin) const {
    const auto site = request.Header("Sec-Fetch-Site");
    const bool is_other_site =
        !site.empty() && !EqualsIgnoreCase(site, "none") && !EqualsIgnoreCase(site, "same-origin");
    if (is_other_site || origin.empty()) return is_other_site;
    const auto slashes = origin.find("://");
    const auto host = request.Header("Host");
    return slashes == origin.npos || !EqualsIgnoreCase(origin.substr(slashes + 3), host) ||
           !IsHostAllowed(host, request.local, rules_.allowed_hosts);
  }

  net::HttpResponse Refusal(std::string_view origin) const {
    const auto who = origin.empty() ? std::string("A web page of another site")
                                    : fmt::format("A web page of {}", origin);
    const auto what = rules_.setting.empty()
                          ? std::string("this port takes no pages of other origins")
                          : fmt::format("allow its origin with the setting {}", rules_.setting);
    return net::Problem(403, "origin_not_allowed",
                        fmt::format("{} asked, and nothing was done: {}.", who, what));
  }

  static net::HttpResponse Preflight(const net::HttpRequest& request) {
    net::HttpResponse response;
    response.status = 204;
    response.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE");
    const auto asked = request.Header("Access-Control-Request-Headers");
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  asked.empty() ? "Content-Type, Idempotency-Key" : asked);
    response.headers.emplace_back("Access-Control-Max-Age", "600");
    if (request.Header("Access-Control-Request-Private-Network") == "true") {
      response.headers.emplace_back("Access-Control-Allow-Private-Network", "true");
    }
    return response;
  }

  const net::HttpHandler inner_;
  const OriginRules rules_;
  const bool takes_all_;
};

}  // namespace

bool IsHostAllowed(std::string_view host, std::string_view listened,
                   const std::vector<std::string>& allowed) {
  const auto named = net::HostOf(host);
  if (!named) return false;
  const std::string name = AsciiLower(*named);
  if (name == "localhost" || name == "127.0.0.1" || name == "[::1]") return true;
  if (name == net::HostOf(listened)) return true;
  return std::ranges::any_of(allowed, [&](const auto& a) { return AsciiLower(a) == name; });
}

net::HttpHandler GuardHost(net::HttpHandler inner, std::vector<std::string> allowed) {
  return [inner = std::move(inner), allowed = std::move(allowed)](net::HttpRequest request,
                                                                  auto responder) {
    if (!IsHostAllowed(request.Header("Host"), request.local, allowed)) {
      return responder->Send(HostNotAllowed());
    }
    inner(std::move(request), std::move(responder));
  };
}

http::Gate MakeGate(std::vector<std::string> allowed_hosts) {
  return [allowed = std::move(allowed_hosts)](
             http::WhoMay who_may,
             const net::HttpRequest& request) -> std::optional<net::HttpResponse> {
    if (request.principal != net::kLocalPrincipal) {
      return net::Problem(403, "not_permitted",
                          "The principal of the request may not use this route.");
    }
    const auto host = request.Header("Host");
    switch (who_may) {
      case http::WhoMay::kEverybody:
        return std::nullopt;
      case http::WhoMay::kKnownHosts:
        if (!IsLoopback(request.local) || host.empty()) return std::nullopt;
        break;
      case http::WhoMay::kSameMachine:
        if (IsSameMachine(request) && !IsPassedOn(request)) break;
        return net::Problem(403, "loopback_only", "This is for tools on the server's own machine.");
    }
    if (IsHostAllowed(host, request.local, allowed)) return std::nullopt;
    return HostNotAllowed();
  };
}

net::HttpHandler GuardOrigin(net::HttpHandler inner, OriginRules rules) {
  return [guard = std::make_shared<const OriginGuard>(std::move(inner), std::move(rules))](
             net::HttpRequest request, auto responder) {
    guard->Handle(std::move(request), std::move(responder));
  };
}

}  // namespace st::api
