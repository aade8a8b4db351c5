// The public HTTP API: declared routes -> events. Paths are matched as Flask does.
//
// Threads: handlers on io threads; Replace from any.
// Owner:   `collector`, `clock` and `random` must outlive it and its handlers.
// Durable: 200 is sent once the event is durable; its position is in Steelthread-Position.
// Errors:  RFC 9457 problems: 404 no_route; 405 method_not_allowed with Allow; 400, 413 and 415 as
//          event::Fault says, with the parameter; 409 in_flight and 422 key_reused of idempotency
//          keys; 503 unavailable with Retry-After, nothing stored; 500 outcome_unknown, it may be
//          stored; 500 not_stored.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "collect/collector.h"
#include "event/compose.h"
#include "event/declaration.h"
#include "net/http.h"
#include "os/clock.h"
#include "os/random.h"

namespace st::api {

class EventRoutes;
struct Route;

class EventsApi {
 public:
  // `hasher` is that of the collector's answers.
  EventsApi(collect::Collector& collector, const idempotency::KeyHasher& hasher, os::Clock& clock,
            os::Random& random)
      : collector_(collector), hasher_(hasher), clock_(clock), random_(random) {}

  // Serves these declarations from now on; requests in hand are answered by the old ones.
  // `other_paths` are templates that another handler serves; a wrong path may be near one of them.
  // Requires: they stand together (event::CheckTogether).
  void Replace(const std::vector<event::Declaration>& events,
               const std::vector<std::string>& other_paths = {});
  // Asked before /openapi.json is shown. Requires: nothing is handled yet.
  void GuardReads(net::HttpGuard guard) { guard_ = std::move(guard); }
  // GET takes HEAD too, which logs the event as well. OPTIONS answers with Allow and logs nothing.
  // A path is percent-decoded; one that lacks the declared slash at its end gets 308. GET
  // /openapi.json describes the routes. Idempotency-Key: docs/idempotency.md.
  void Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder);

 private:
  // Answers a request that is no event of its route: as its key was answered before, or with the
  // fault.
  void AnswerMalformed(std::shared_ptr<const EventRoutes> routes, const Route& route,
                       event::Fault fault, std::optional<idempotency::Remembered> remembered,
                       std::unique_ptr<net::HttpResponder> responder);

  collect::Collector& collector_;
  const idempotency::KeyHasher& hasher_;
  os::Clock& clock_;
  os::Random& random_;
  net::HttpGuard guard_;  // may be empty
  Guarded<std::shared_ptr<const EventRoutes>> routes_;
};

}  // namespace st::api
