#include "api/events/events_api.h"

#include <fmt/format.h>

#include <chrono>

#include "api/events/http_parts.h"
#include "api/events/limits.h"
#include "api/http/problems.h"
#include "base/percent.h"
#include "base/text.h"
#include "event/openapi.h"

namespace st::api {

// One event's route.
struct EventsApi::Route {
  Route(event::Declaration declaration, collect::Collector::Topic& to,
        std::shared_ptr<EventGate> of_event)
      : composer(std::move(declaration)), topic(to), gate(std::move(of_event)) {}
  net::HttpResponse Accepted(const collect::Outcome& outcome) const;

  const event::Composer composer;
  collect::Collector::Topic& topic;
  const std::shared_ptr<EventGate> gate;
};

namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";

idempotency::Answer AnswerOf(const event::Declaration& event) {
  return {.status = 200, .content_type = std::string(kHtml), .body = event.reply};
}

// The scope of a key: the route, and the player whom the Host names. Variables count without their
// names, which may change.
std::string ScopeOf(const event::Declaration& event, const net::HttpRequest& request) {
  std::string scope = "route ";
  scope += request.method == "HEAD" ? "GET" : request.method;
  scope += ' ';
  bool is_name = false;
  for (const char c : event.path) {
    is_name = is_name ? c != '}' : false;
    if (!is_name) scope += c;
    if (c == '{') is_name = true;
  }
  scope += ' ';
  scope += request.Header("Host");
  return scope;
}

net::HttpResponse Refused(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kConflict:
    case ErrorCode::kAlreadyExists:
      return http::ProblemOf(error);
    case ErrorCode::kOutcomeUnknown:
      return http::ProblemOf(
          error, {.advice = "Whether the event was stored is unknown: look for it before you send "
                            "it again."});
    default:
      break;
  }
  constexpr int kUnavailable = 503;
  const bool is_passing = http::HttpStatusFor(error.code()) == kUnavailable;
  return http::ProblemOf(
      error, {.code = is_passing ? "" : "not_stored", .advice = "The event was not stored."});
}

}  // namespace

net::HttpResponse EventsApi::Route::Accepted(const collect::Outcome& outcome) const {
  auto answer = outcome.repeated ? *outcome.repeated : AnswerOf(composer.declaration());
  net::HttpResponse response;
  response.status = answer.status;
  response.content_type = std::move(answer.content_type);
  response.body = std::move(answer.body);
  AddPosition(outcome.position, response);
  return response;
}

std::shared_ptr<EventGate> EventsApi::GateOf(const std::string& event) {
  return gates_.With([&](auto& gates) {
    auto& gate = gates[event];
    if (!gate) gate = std::make_shared<EventGate>();
    return gate;
  });
}

EventsApi::Change::~Change() {
  for (auto& [event, gate] : closed_) {
    gate->Open();
    api_.gates_.With([&](auto& gates) { gates[event] = std::move(gate); });
  }
}

Result<std::unique_ptr<EventsApi::Change>> EventsApi::BeginChange(
    const std::vector<std::string>& events) {
  auto change = std::make_unique<Change>(*this);
  for (const auto& event : events) {
    auto& gate = change->closed_.emplace(event, GateOf(event)).first->second;
    if (!gate->CloseAndWait(std::chrono::microseconds(kVersionWaitUs))) {
      return Fail(ErrorCode::kUnavailable,
                  "event \"{}\" gets another declaration, but events that were sent under the "
                  "present one have waited for the disk for {} s; try again later",
                  event, kVersionWaitUs / 1'000'000);
    }
    gates_.With([&](auto& gates) { gates.erase(event); });
  }
  return change;
}

void EventsApi::AddRoutes(const std::vector<event::Declaration>& events, http::RouteTable& table) {
  for (const auto& event : events) {
    if (auto schema = event::OpenApiSchema(event); !schema.empty()) {
      table.AddSchema(event.name, std::move(schema));
    }
    if (!event.has_route()) continue;
    const auto route =
        std::make_shared<const Route>(event, collector_.Open(event.topic), GateOf(event.name));
    for (const auto& method : event.methods) {
      std::vector<std::string> methods = {method};
      if (method == "GET") methods.emplace_back("HEAD");
      table.Add({.methods = std::move(methods),
                 .path = event.path,
                 .who_may = http::WhoMay::kEverybody,
                 .handler =
                     [this, route](http::Call call, std::unique_ptr<net::HttpResponder> responder) {
                       Handle(route, std::move(call), std::move(responder));
                     },
                 .openapi = event::OpenApiOperation(event, method),
                 .redirects_slashes = true});
    }
  }
  table.AddOptions(std::string(kHtml));
}

// The declaration may have changed since the key's first request.
void EventsApi::AnswerMalformed(std::shared_ptr<const Route> route, event::Fault fault,
                                std::optional<idempotency::Remembered> remembered,
                                std::unique_ptr<net::HttpResponder> responder) const {
  if (!remembered) return responder->Send(ProblemOf(fault));
  collector_.Recall(std::move(*remembered), [route = std::move(route), fault = std::move(fault),
                                             to = std::move(responder)](const auto& known) {
    if (!known) return to->Send(Refused(known.error()));
    to->Send(*known ? route->Accepted(**known) : ProblemOf(fault));
  });
}

void EventsApi::Handle(const std::shared_ptr<const Route>& route, http::Call call,
                       std::unique_ptr<net::HttpResponder> responder) const {
  net::HttpRequest& request = call.request;
  auto key = TakeIdempotencyKey(request.headers);
  if (!key) return responder->Send(ProblemOf(key.error()));
  auto pass = EventGate::Enter(route->gate);
  if (!pass) {
    return responder->Send(
        Refused({ErrorCode::kUnavailable, fmt::format("the declaration of event \"{}\" changes",
                                                      route->composer.declaration().name)}));
  }
  const std::string id = route->composer.needs_id() ? random_.NewUuid().ToString() : "";
  auto made = route->composer.Compose({.path = call.path,
                                       .query = request.query,
                                       .headers = request.headers,
                                       .body = request.body,
                                       .peer = request.peer,
                                       .time_ms = clock_.NowUs() / 1000,
                                       .unique_id = id});
  std::optional<idempotency::Remembered> remembered;
  if (!key->empty()) {
    const auto& event = route->composer.declaration();
    remembered = idempotency::Remembered{
        .key = std::move(*key),
        .scope = hasher_.OfScope(ScopeOf(event, request)),
        .request = hasher_.OfRequest({.method = request.method,
                                      .target = http::TargetWithHost(request),
                                      .body = request.body}),
        .answer = AnswerOf(event)};
  }
  if (!made) {
    return AnswerMalformed(route, made.error(), std::move(remembered), std::move(responder));
  }
  collect::NewEvent event{.value = std::move(made->value),
                          .key = std::move(made->key),
                          .remembered = std::move(remembered)};
  collector_.Collect(
      route->topic, std::move(event),
      [route, pass = std::move(pass), to = std::move(responder)](const auto& outcome) {
        to->Send(outcome ? route->Accepted(*outcome) : Refused(outcome.error()));
      });
}

namespace {

// A route's path as a declaration writes it: its variables keep their braces.
std::string ShownRoute(std::string_view path) {
  std::string out;
  for (auto segment : Split(path.substr(1), '/')) {
    const bool is_variable = segment.starts_with('{') && segment.ends_with('}');
    if (is_variable) segment = segment.substr(1, segment.size() - 2);
    const auto encoded = PercentEncodePath(segment);
    out += is_variable ? "/{" + encoded + "}" : "/" + encoded;
  }
  return out;
}

}  // namespace

net::HttpResponse NoRoute(const http::RouteTable& table, const http::Call& call) {
  const auto& path = call.path;
  if (path == "/livez" || path == "/readyz" || path == "/metrics") {
    return net::Problem(404, "no_route",
                        path + " is at the address of sql.listen, port 8080 by default.");
  }
  constexpr std::size_t kLongest = 200;
  std::string detail = "No route has this path";
  if (path.size() <= kLongest) detail += " " + PercentEncodePath(path);
  const auto near = table.NearestPath(path);
  detail += near ? "; did you mean " + ShownRoute(*near) + "?" : ".";
  return net::Problem(404, "no_route", detail + " GET /openapi.json lists all routes.");
}

}  // namespace st::api
