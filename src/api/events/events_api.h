// The public HTTP API: declared routes -> events. Paths are matched as Flask does.
//
// Threads: handlers on io threads; AddRoutes from any.
// Owner:   `collector`, `hasher`, `clock` and `random` must outlive it; it must outlive the tables
//          that have its routes.
// Durable: 200 is sent once the event is durable; its position is in Steelthread-Position.
// Limits:  kVersionWaitUs (limits.h).
// Errors:  RFC 9457 problems: 400, 413 and 415 as event::Fault says, with the parameter; 409
//          in_flight and 422 key_reused of idempotency keys; 503 unavailable with Retry-After,
//          nothing stored; 500 outcome_unknown, it may be stored; 500 not_stored.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/events/event_gate.h"
#include "api/http/route_table.h"
#include "base/mutex.h"
#include "base/result.h"
#include "collect/collector.h"
#include "event/compose.h"
#include "event/declaration.h"
#include "os/clock.h"
#include "os/random.h"

namespace st::api {

class EventsApi {
 public:
  // `hasher` is that of the collector's answers.
  EventsApi(collect::Collector& collector, const idempotency::KeyHasher& hasher, os::Clock& clock,
            os::Random& random)
      : collector_(collector), hasher_(hasher), clock_(clock), random_(random) {}

  // Adds the declared routes and the schemas of all events. GET takes HEAD too, which logs the
  // event as well. OPTIONS answers with Allow and logs nothing. Idempotency-Key:
  // docs/idempotency.md.
  // Requires: the declarations stand together (event::CheckTogether), and the table has none of
  // their paths.
  void AddRoutes(const std::vector<event::Declaration>& events, http::RouteTable& table);

  // A change of declarations that is under way. Destroyed before Finish, it has the routes of
  // before answer again.
  // Owner: destroyed before the API.
  class Change {
   public:
    explicit Change(EventsApi& api) : api_(api) {}
    ~Change();
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;
    void Finish() { closed_.clear(); }

   private:
    friend class EventsApi;
    EventsApi& api_;
    std::map<std::string, std::shared_ptr<EventGate>> closed_;
  };
  // Begins a change of the declarations of these events. The routes that they have now answer 503,
  // and each event that they took is stored or refused on return, so it stands in the log before
  // whatever is appended next. The next AddRoutes makes routes of the declarations to come.
  // Errors: kUnavailable: events wait for the disk for longer than kVersionWaitUs; the routes
  //         answer as before.
  Result<std::unique_ptr<Change>> BeginChange(const std::vector<std::string>& events);

 private:
  struct Route;
  std::shared_ptr<EventGate> GateOf(const std::string& event);
  void Handle(const std::shared_ptr<const Route>& route, http::Call call,
              std::unique_ptr<net::HttpResponder> responder) const;
  // Answers a request that the declaration refuses: with the recorded answer of its key, else with
  // the fault.
  void AnswerMalformed(std::shared_ptr<const Route> route, event::Fault fault,
                       std::optional<idempotency::Remembered> remembered,
                       std::unique_ptr<net::HttpResponder> responder) const;

  collect::Collector& collector_;
  const idempotency::KeyHasher& hasher_;
  os::Clock& clock_;
  os::Random& random_;
  // By event: that of the routes that AddRoutes made last.
  Guarded<std::map<std::string, std::shared_ptr<EventGate>>> gates_;
};

// 404 no_route with the nearest path, for the listener of declared routes.
net::HttpResponse NoRoute(const http::RouteTable& table, const http::Call& call);

}  // namespace st::api
