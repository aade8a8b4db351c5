// What a request says about its content and its conditions that no handler here looks at: refused,
// since to ignore it would do something else than was asked (RFC 9110). Pure.
#pragma once

#include <optional>

#include "net/http.h"

namespace st::net {

// 415 a Content-Encoding (with Accept-Encoding: identity), or a charset that is not UTF-8; 400 a
// Content-Range, or two Content-Types; 412 a condition on a request that changes something, since
// nothing here has an entity tag. nullopt: it may be handled.
std::optional<HttpResponse> RefuseContent(const HttpRequest& request);

// Requests that the guard refuses do not come to `inner`.
HttpHandler Guarded(HttpGuard guard, HttpHandler inner);

}  // namespace st::net
