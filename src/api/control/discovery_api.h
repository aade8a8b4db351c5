// GET /.well-known/steelthread: where a tool on this machine finds the rest of the server.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/http.h"

namespace st::api {

inline constexpr std::string_view kDiscoveryPath = "/.well-known/steelthread";

// Answers that path with `document`, as JSON, to peers on the loopback; 403 loopback_only to others
// and to what a proxy passes on; 403 host_not_allowed to a Host that IsHostAllowed does not take;
// 405 where it is not GET or HEAD. Other paths go to `inner`.
//
// Threads: `document` runs on the io thread.
net::HttpHandler MakeDiscoveryHandler(std::function<std::string()> document,
                                      std::vector<std::string> allowed_hosts,
                                      net::HttpHandler inner);

}  // namespace st::api
