#include "api/events/events_api.h"

#include <map>

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
      const std::string path = event.path;
      routes_[path].push_back(std::move(event));
    }
  }

  void Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) const {
    const auto found = routes_.find(request.path);
    if (found == routes_.end()) {
      return responder->Send(
          net::Problem(404, "no_route", "No event declares the path " + request.path + "."));
    }
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    for (const auto& event : found->second) {
      if (event.method == method) return Log(event, request, std::move(responder));
    }
    std::string allowed;
    for (const auto& event : found->second) {
      allowed += (allowed.empty() ? "" : ", ") + event.method;
      if (event.method == "GET") allowed += ", HEAD";
    }
    auto refusal =
        net::Problem(405, "method_not_allowed", request.path + " takes " + allowed + ".");
    refusal.headers.emplace_back("Allow", allowed);
    responder->Send(std::move(refusal));
  }

 private:
  void Log(const event::Declaration& event, const net::HttpRequest& request,
           std::unique_ptr<net::HttpResponder> responder) const {
    auto shared = std::shared_ptr<net::HttpResponder>(std::move(responder));
    collector_.Collect(event.topic, event::Payload(event, request.headers),
                       [&event, shared](const Result<Offset>& offset) {
                         shared->Send(offset ? Accepted(event, *offset) : Refused(offset.error()));
                       });
  }

  static net::HttpResponse Accepted(const event::Declaration& event, Offset offset) {
    net::HttpResponse response;
    response.content_type = "text/html; charset=utf-8";
    response.body = event.reply;
    response.headers.emplace_back("Steelthread-Position",
                                  fmt::format("{}/0:{}", event.topic, offset));
    return response;
  }

  static net::HttpResponse Refused(const Error& error) {
    const int status = HttpStatusFor(error.code());
    auto refusal = net::Problem(status, status == 503 ? "unavailable" : "not_stored",
                                error.message() + ". The event was not stored.");
    if (status == 503) refusal.headers.emplace_back("Retry-After", "1");
    return refusal;
  }

  std::map<std::string, std::vector<event::Declaration>, std::less<>> routes_;
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
