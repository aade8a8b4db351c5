// HTTP responses as bytes, and problems as JSON (RFC 9110, RFC 9112, RFC 9457).
#pragma once

#include <ctime>
#include <string>

#include "net/http.h"

namespace st::net {

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string HttpDate(std::time_t when);

struct ResponseStyle {
  const std::string& date;
  bool keep_alive = true;
  bool is_http10 = false;
  bool without_body = false;  // HEAD: the headers of GET, no body
};
// Without the body of a response of which HasContent is true. The body of a source is chunked, but
// for HTTP/1.0.
std::string SerializeHead(const HttpResponse& response, const ResponseStyle& style);
// Whether bytes follow the head.
bool HasContent(const HttpResponse& response, const ResponseStyle& style);

}  // namespace st::net
