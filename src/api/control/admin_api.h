// Health and metrics on the administration port.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/http/route_table.h"
#include "base/metrics.h"

namespace st::api {

// Adds GET and HEAD of /livez, /readyz and /metrics.
// /readyz: {"status": "ready"}, or 503 and {"status": "unready", "reasons": ["…"]} while `unready`
// names any.
//
// Threads: `unready` and the gauges of /metrics, which may look at files, run on the thread admin,
//          each client in turn. /livez is answered on the io thread.
// Owner:   `metrics` must outlive the table.
void AddAdminRoutes(const MetricRegistry& metrics,
                    std::function<std::vector<std::string>()> unready, http::RouteTable& table);

// 404 no_route, for the listener of these routes.
net::HttpResponse NoAdminRoute(const http::RouteTable& table, const http::Call& call);

}  // namespace st::api
