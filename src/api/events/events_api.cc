#include "api/events/events_api.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/events/http_parts.h"
#include "api/events/request_path.h"
#include "api/events/routes.h"
#include "base/text.h"

namespace st::api {
namespace {

// The one place that maps our errors out to HTTP.
int HttpStatusFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kAlreadyExists:
      return 422;
    case ErrorCode::kUnsupported:
      return 400;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadline:
    case ErrorCode::kShutdown:
      return 503;
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      return 500;
  }
  return 500;
}

net::HttpResponse RedirectOrNotFound(const EventRoutes& routes, const net::HttpRequest& request,
                                     const std::string& path) {
  const std::string merged = MergeSlashes(path);
  for (const auto& other : {merged, merged + "/"}) {
    const Resource* found = routes.Find(other);
    if (found == nullptr) continue;
    if (request.method != "OPTIONS" && found->Find(request.method) == nullptr) continue;
    net::HttpResponse response;
    response.status = 308;
    response.body = "The path is " + EncodePath(other) + "\n";
    const std::string query = request.query.empty() ? "" : "?" + request.query;
    response.headers.emplace_back("Location", EncodePath(other) + query);
    return response;
  }
  constexpr std::size_t kLongest = 200;
  std::string detail = "No route has this path";
  if (path.size() <= kLongest) detail += " " + EncodePath(path);
  const auto near = routes.Nearest(path);
  detail += near ? "; did you mean " + EncodePath(*near) + "?" : ".";
  detail += " GET /openapi.json lists all routes.";
  if (path == "/livez" || path == "/readyz" || path == "/metrics") {
    detail = path + " is at the address of sql.listen, port 8080 by default.";
  }
  return net::Problem(404, "no_route", detail);
}

net::HttpResponse Options(const Resource& resource) {
  net::HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.headers.emplace_back("Allow", resource.allowed);
  return response;
}

net::HttpResponse NotAllowed(const Resource& resource, const std::string& path) {
  auto refusal = net::Problem(405, "method_not_allowed",
                              EncodePath(path) + " takes " + resource.allowed + ".");
  refusal.headers.emplace_back("Allow", resource.allowed);
  return refusal;
}

idempotency::Answer AnswerOf(const Route& route) {
  return {.status = 200,
          .content_type = "text/html; charset=utf-8",
          .body = route.composer.declaration().reply};
}

net::HttpResponse Accepted(const Route& route, const collect::Outcome& outcome) {
  const auto answer = outcome.repeat ? outcome.repeat->answer : AnswerOf(route);
  net::HttpResponse response;
  response.status = answer.status;
  response.content_type = answer.content_type;
  response.body = answer.body;
  const auto position = outcome.repeat ? outcome.repeat->topic + "/0:" : route.position;
  response.headers.emplace_back("Steelthread-Position",
                                position + std::to_string(outcome.offset.value()));
  return response;
}

// Whose a key is: the route's and the player's whom the Host names. Variables count without their
// names, which may change.
std::string ScopeOf(const Route& route, const net::HttpRequest& request) {
  std::string scope = "route ";
  scope += request.method == "HEAD" ? "GET" : request.method;
  scope += ' ';
  bool is_name = false;
  for (const char c : route.composer.declaration().path) {
    is_name = is_name ? c != '}' : false;
    if (!is_name) scope += c;
    if (c == '{') is_name = true;
  }
  scope += ' ';
  scope += request.Header("Host");
  return scope;
}

net::HttpResponse Refused(const Error& error) {
  const std::string detail = AsSentence(error.message());
  if (error.code() == ErrorCode::kOutcomeUnknown) {
    return net::Problem(500, "outcome_unknown",
                        detail +
                            " Whether the event was stored is unknown: look for it before you "
                            "send it again.");
  }
  const int status = HttpStatusFor(error.code());
  if (error.code() == ErrorCode::kConflict || error.code() == ErrorCode::kAlreadyExists) {
    const bool is_in_flight = error.code() == ErrorCode::kConflict;
    return net::Problem(status, is_in_flight ? "in_flight" : "key_reused", detail);
  }
  auto refusal = net::Problem(status, status == 503 ? "unavailable" : "not_stored",
                              detail + " The event was not stored.");
  if (status == 503) refusal.headers.emplace_back("Retry-After", "1");
  return refusal;
}

}  // namespace

void EventsApi::Replace(const std::vector<event::Declaration>& events,
                        const std::vector<std::string>& other_paths) {
  auto routes = std::make_shared<const EventRoutes>(events, other_paths, collector_);
  routes_.With([&](auto& now) { now = std::move(routes); });
}

// A declaration may have changed since the request was answered first.
void EventsApi::AnswerMalformed(std::shared_ptr<const EventRoutes> routes, const Route& route,
                                event::Fault fault,
                                std::optional<idempotency::Remembered> remembered,
                                std::unique_ptr<net::HttpResponder> responder) {
  if (!remembered) return responder->Send(ProblemOf(fault));
  collector_.Recall(std::move(*remembered),
                    [routes = std::move(routes), &route, fault = std::move(fault),
                     to = std::move(responder)](const auto& known) {
                      if (!known) return to->Send(Refused(known.error()));
                      to->Send(*known ? Accepted(route, **known) : ProblemOf(fault));
                    });
}

void EventsApi::Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder) {
  const auto routes = routes_.With([](const auto& now) { return now; });
  const auto target = ParseTarget(request.target);
  const Resource* resource = routes->Find(target.path);
  if (resource == nullptr && target.path == "/openapi.json" && request.method != "OPTIONS") {
    if (auto refusal = guard_ ? guard_(request) : std::nullopt) {
      return responder->Send(std::move(*refusal));
    }
    net::HttpResponse response;
    response.content_type = "application/json";
    response.shared_body = routes->openapi();
    return responder->Send(std::move(response));
  }
  if (resource == nullptr) {
    return responder->Send(RedirectOrNotFound(*routes, request, target.path));
  }
  const Route* route = resource->Find(request.method);
  if (route == nullptr) {
    return responder->Send(request.method == "OPTIONS" ? Options(*resource)
                                                       : NotAllowed(*resource, target.path));
  }
  if (!target.authority.empty()) SetHost(request.headers, target.authority);
  auto key = TakeIdempotencyKey(request.headers);
  if (!key) return responder->Send(ProblemOf(key.error()));
  const std::string id = route->composer.needs_id() ? random_.NewUuid().ToString() : "";
  auto made = route->composer.Compose({.path = target.path,
                                       .query = request.query,
                                       .headers = request.headers,
                                       .body = request.body,
                                       .peer = request.peer,
                                       .time_ms = clock_.NowUs() / 1000,
                                       .unique_id = id});
  std::optional<idempotency::Remembered> remembered;
  if (!key->empty()) {
    remembered = idempotency::Remembered{
        .key = std::move(*key),
        .scope = hasher_.OfScope(ScopeOf(*route, request)),
        .request = hasher_.OfRequest(
            {.method = request.method, .target = TargetWithHost(request), .body = request.body}),
        .answer = AnswerOf(*route)};
  }
  if (!made) {
    return AnswerMalformed(routes, *route, made.error(), std::move(remembered),
                           std::move(responder));
  }
  collect::NewEvent event{.value = std::move(made->value),
                          .key = std::move(made->key),
                          .remembered = std::move(remembered)};
  collector_.Collect(route->topic, std::move(event),
                     [routes, route, to = std::move(responder)](const auto& outcome) {
                       to->Send(outcome ? Accepted(*route, *outcome) : Refused(outcome.error()));
                     });
}

}  // namespace st::api
