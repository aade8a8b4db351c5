// The public HTTP API: declared routes -> events. Paths are matched as Flask does.
//
// Durable: 200 is sent once the event is durable; its position is in Steelthread-Position.
// Errors:  RFC 9457 problems: 404 no_route; 405 method_not_allowed with Allow; 503 unavailable with
//          Retry-After, nothing stored; 500 outcome_unknown, it may be stored; 500 not_stored.
#pragma once

#include <vector>

#include "collect/collector.h"
#include "event/declaration.h"
#include "net/http.h"

namespace st::api {

// GET takes HEAD too, which logs the event as well. OPTIONS answers with Allow and logs nothing. A
// path is percent-decoded; one that lacks the declared slash at its end gets 308.
// `collector` must outlive the handler.
net::HttpHandler MakeEventsHandler(std::vector<event::Declaration> events,
                                   collect::Collector& collector);

}  // namespace st::api
