// What the APIs of declared routes and of the game do alike.
#pragma once

#include <expected>
#include <string>

#include "event/compose.h"
#include "net/http.h"

namespace st::api {

// RFC 9112, 3.2.2: the target's authority replaces the Host that was sent.
void SetHost(net::HttpHeaders& headers, const std::string& authority);

// Takes the header Idempotency-Key out, since it enters no payload. "": there is none. A fault
// where there are two, or where it is no key.
std::expected<std::string, event::Fault> TakeIdempotencyKey(net::HttpHeaders& headers);

// The target of a request whose Host says who acts: "//host/path?query", however it was written.
// Requires: SetHost.
std::string TargetWithHost(const net::HttpRequest& request);

// An error's message as the detail of a problem: "the key is taken" becomes "The key is taken.". A
// first word that is a name, such as a file's, stays as it is.
std::string AsSentence(std::string message);

// RFC 9457, with the parameter's name.
net::HttpResponse ProblemOf(const event::Fault& fault);

}  // namespace st::api
