#include "api/events/events_api.h"

#include <map>

#include "api/events/request_path.h"
#include "base/text.h"
#include "event/payload.h"

namespace st::api {
namespace {

// The one place that maps our errors out to HTTP.
int HttpStatusFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kUnsupported:
      return 400;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadline:
    case ErrorCode::kConflict:
    case ErrorCode::kShutdown:
      return 503;
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      return 500;
  }
  return 500;
}

class EventRoutes {
 public:
  EventRoutes(std::vector<event::Declaration> events, collect::Collector& collector)
      : collector_(collector) {
    for (auto& event : events) {
      Resource& resource = resources_[event.path];
      resource.allowed += event.method == "GET" ? "GET, HEAD, " : event.method + ", ";
      auto& topic = collector_.Open(event.topic);
      const std::string position = event.topic + "/0:";
      resource.routes.push_back({std::move(event), topic, position});
    }
    for (auto& [path, resource] : resources_) {
      resource.allowed += "OPTIONS";
      paths_.push_back(path);
    }
  }

  void Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) const {
    const auto target = ParseTarget(request.target);
    const auto found = resources_.find(target.path);
    if (found == resources_.end()) {
      return responder->Send(RedirectOrNotFound(request, target.path));
    }
    const Resource& resource = found->second;
    if (const Route* route = resource.Find(request.method)) {
      if (!target.authority.empty()) SetHost(request.headers, target.authority);
      return Log(*route, request, std::move(responder));
    }
    if (request.method == "OPTIONS") return responder->Send(Options(resource));
    auto refusal = net::Problem(405, "method_not_allowed",
                                EncodePath(target.path) + " takes " + resource.allowed + ".");
    refusal.headers.emplace_back("Allow", resource.allowed);
    responder->Send(std::move(refusal));
  }

 private:
  struct Route {
    event::Declaration event;
    collect::Collector::Topic& topic;
    std::string position;  // "events/0:"
  };
  struct Resource {
    std::vector<Route> routes;
    std::string allowed;  // "GET, HEAD, OPTIONS"
    const Route* Find(std::string_view method) const {
      const std::string_view declared = method == "HEAD" ? "GET" : method;
      for (const auto& route : routes) {
        if (route.event.method == declared) return &route;
      }
      return nullptr;
    }
  };

  // RFC 9112, 3.2.2: the target's authority replaces the Host that was sent.
  static void SetHost(net::HttpHeaders& headers, const std::string& authority) {
    std::erase_if(headers, [](const auto& h) { return EqualsIgnoreCase(h.first, "Host"); });
    headers.emplace_back("Host", authority);
  }

  net::HttpResponse RedirectOrNotFound(const net::HttpRequest& request,
                                       const std::string& path) const {
    const std::string merged = MergeSlashes(path);
    for (const auto& other : {merged, merged + "/"}) {
      const auto found = resources_.find(other);
      if (found == resources_.end()) continue;
      if (request.method != "OPTIONS" && found->second.Find(request.method) == nullptr) continue;
      net::HttpResponse response;
      response.status = 308;
      response.body = "The path is " + EncodePath(other) + "\n";
      const std::string query = request.query.empty() ? "" : "?" + request.query;
      response.headers.emplace_back("Location", EncodePath(other) + query);
      return response;
    }
    std::string detail = "No event declares this path";
    constexpr std::size_t kLongest = 200;  // beyond, nothing near it is looked for
    if (path.size() <= kLongest) {
      detail += " " + EncodePath(path);
      const auto near = NearestName(path, paths_);
      if (near) detail += "; did you mean " + EncodePath(*near) + "?";
    }
    return net::Problem(404, "no_route", detail);
  }

  static net::HttpResponse Options(const Resource& resource) {
    net::HttpResponse response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Allow", resource.allowed);
    return response;
  }

  void Log(const Route& route, const net::HttpRequest& request,
           std::unique_ptr<net::HttpResponder> responder) const {
    collector_.Collect(route.topic, event::Payload(route.event, request.headers),
                       [&route, to = std::move(responder)](const Result<Offset>& offset) {
                         to->Send(offset ? Accepted(route, *offset) : Refused(offset.error()));
                       });
  }

  static net::HttpResponse Accepted(const Route& route, Offset offset) {
    net::HttpResponse response;
    response.content_type = "text/html; charset=utf-8";
    response.body = route.event.reply;
    response.headers.emplace_back("Steelthread-Position",
                                  route.position + std::to_string(offset.value()));
    return response;
  }

  static net::HttpResponse Refused(const Error& error) {
    if (error.code() == ErrorCode::kOutcomeUnknown) {
      return net::Problem(500, "outcome_unknown",
                          error.message() +
                              ". Whether the event was stored is unknown: look for it before you "
                              "send it again.");
    }
    const int status = HttpStatusFor(error.code());
    auto refusal = net::Problem(status, status == 503 ? "unavailable" : "not_stored",
                                error.message() + ". The event was not stored.");
    if (status == 503) refusal.headers.emplace_back("Retry-After", "1");
    return refusal;
  }

  std::map<std::string, Resource, std::less<>> resources_;  // by path
  std::vector<std::string> paths_;
  collect::Collector& collector_;
};

}  // namespace

net::HttpHandler MakeEventsHandler(std::vector<event::Declaration> events,
                                   collect::Collector& collector) {
  auto routes = std::make_shared<const EventRoutes>(std::move(events), collector);
  return [routes](net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) {
    routes->Handle(std::move(request), std::move(responder));
  };
}

}  // namespace st::api
