// Decides which requests a port without users accepts: by the request's Host, and by the headers in
// which a browser names the page that asks.
//
// Threads: handlers and gates run on io threads, and keep no state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http/route_table.h"
#include "net/http.h"

namespace st::api {

// A loopback name, the address listened on, or one of `allowed`; a port in `host` does not count.
bool IsHostAllowed(std::string_view host, std::string_view listened,
                   const std::vector<std::string>& allowed);

// 403 host_not_allowed to another Host: a web page can reach the loopback, but under its own name.
net::HttpHandler GuardHost(net::HttpHandler inner, std::vector<std::string> allowed);
// The rights of the local principal. kKnownHosts: 403 host_not_allowed to another Host on the
// connections that were made to a loopback address; a request without a Host goes on, which no
// browser sends. kSameMachine: 403 loopback_only to peers elsewhere and to what a proxy passes on,
// 403 host_not_allowed to another Host. Another principal: 403 not_permitted.
http::Gate MakeGate(std::vector<std::string> allowed_hosts);

struct OriginRules {
  std::vector<std::string> allowed_origins{};  // "https://game.example", or "*" alone
  std::vector<std::string> allowed_hosts{};    // of our own pages, beside those of IsHostAllowed
  std::string setting{};  // what a refusal names as the place of further origins; "" for none
};
// 403 origin_not_allowed to a browser's request for a page of another origin (Origin,
// Sec-Fetch-Site; links of other sites too). Allowed origins are answered as the Fetch standard
// asks: preflights here, the other responses with Access-Control-Allow-Origin.
net::HttpHandler GuardOrigin(net::HttpHandler inner, OriginRules rules);

}  // namespace st::api
