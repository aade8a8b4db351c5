// What the APIs of declared routes and of the game do alike.
#pragma once

#include <expected>
#include <string>

#include "event/compose.h"
#include "net/http.h"

namespace st::api {

// Takes the header Idempotency-Key out, since it enters no payload. "": there is none. A fault
// where there are two, or where it is no key.
std::expected<std::string, event::Fault> TakeIdempotencyKey(net::HttpHeaders& headers);

// RFC 9457, with the parameter's name.
net::HttpResponse ProblemOf(const event::Fault& fault);

}  // namespace st::api
