// Health and metrics on the administration port, and who may reach it.
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

// 403 to a Host that is neither a loopback name, nor the address listened on, nor allowed: a web
// page can post to loopback, but under its own name.
bool IsHostAllowed(std::string_view host, std::string_view listened,
                   const std::vector<std::string>& allowed);
net::HttpHandler GuardHost(net::HttpHandler inner, std::vector<std::string> allowed);

}  // namespace st::api
