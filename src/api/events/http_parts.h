// Parts of requests and answers that declared routes and the game share.
#pragma once

#include <expected>
#include <string>

#include "base/ids.h"
#include "event/compose.h"
#include "net/http.h"

namespace st::api {

// Removes the header Idempotency-Key, which enters no payload, and returns its key; "": there is
// none. A fault where there are two, or where the value is no key.
std::expected<std::string, event::Fault> TakeIdempotencyKey(net::HttpHeaders& headers);

// Adds the header Steelthread-Position: where the record that an answer is about stands.
void AddPosition(const TopicPosition& position, net::HttpResponse& response);

// The fault as a problem (RFC 9457), with the parameter's name.
net::HttpResponse ProblemOf(const event::Fault& fault);

}  // namespace st::api
