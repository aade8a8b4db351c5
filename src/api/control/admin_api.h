// Health and metrics on the administration port.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "net/http.h"

namespace st::api {

// GET and HEAD of /livez, /readyz, /metrics; other paths go to `otherwise`, by default 404.
// /readyz: {"status": "ready"}, or 503 and {"status": "unready", "reasons": ["…"]} while `unready`
// names any.
net::HttpHandler MakeAdminHandler(const MetricRegistry& metrics,
                                  std::function<std::vector<std::string>()> unready,
                                  net::HttpHandler otherwise = {});

}  // namespace st::api
