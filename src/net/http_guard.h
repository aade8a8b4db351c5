// Refuses headers about content and conditions that no handler here implements, since ignoring them
// would change the meaning of the request (RFC 9110). Pure.
#pragma once

#include <optional>

#include "net/http.h"

namespace st::net {

// 415 a Content-Encoding (with Accept-Encoding: identity), or a charset that is not UTF-8; 400 a
// Content-Range, or two Content-Types; 412 a condition that cannot hold, since nothing here has an
// entity tag or a date of change (RFC 9110, 13). A GET may log an event, so If-Match and
// `If-None-Match: *` are refused for it too; its other conditions hold by that rule, and the
// request goes on. nullopt: the request may be handled.
std::optional<HttpResponse> RefuseContent(const HttpRequest& request);

// A handler that passes to `inner` only requests that the guard does not refuse.
HttpHandler Guarded(HttpGuard guard, HttpHandler inner);

}  // namespace st::net
