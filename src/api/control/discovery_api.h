// GET /.well-known/steelthread: where a tool on this machine finds the rest of the server.
#pragma once

#include <functional>
#include <string>

#include "api/http/route_table.h"

namespace st::api {

inline constexpr std::string_view kDiscoveryPath = "/.well-known/steelthread";

// Answers that path with `document`, as JSON, to tools on this machine (http::WhoMay).
//
// Threads: `document` runs on io threads, at the same time where there are several.
void AddDiscoveryRoute(std::function<std::string()> document, http::RouteTable& table);

}  // namespace st::api
