// The public HTTP API: declared routes -> events.
//
// Durable: 200 is sent once the event is durable; its position is in Steelthread-Position.
// Errors:  RFC 9457 problems: 404 no_route, 405 with Allow, 503 with Retry-After when shedding.
#pragma once

#include <vector>

#include "collect/collector.h"
#include "event/payload.h"
#include "net/http.h"

namespace st::api {

// `collector` must outlive the handler.
net::HttpHandler MakeEventsHandler(std::vector<event::Declaration> events,
                                   collect::Collector& collector);

}  // namespace st::api
