// Refuses headers about content and conditions that no handler here implements, since ignoring them
// would change the meaning of the request (RFC 9110). Pure.
#pragma once

#include <optional>

#include "net/http.h"

namespace st::net {

// 415 a Content-Encoding (with Accept-Encoding: identity), or a charset that is not UTF-8; 400 a
// Content-Range, or two Content-Types; 412 a condition on a request that changes something, since
// nothing here has an entity tag. nullopt: the request may be handled.
std::optional<HttpResponse> RefuseContent(const HttpRequest& request);

// A handler that passes to `inner` only requests that the guard does not refuse.
HttpHandler Guarded(HttpGuard guard, HttpHandler inner);

}  // namespace st::net
