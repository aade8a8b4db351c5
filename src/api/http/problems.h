// Errors as HTTP problems (RFC 9457): the one place where an error's code becomes a status. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace st::api::http {

// 400 kInvalidArgument · 404 kNotFound · 409 kConflict · 422 kAlreadyExists: here it is always an
// idempotency key that another request used · 501 kUnsupported · 503 kUnavailable, kDeadline,
// kShutdown · 500 kOutcomeUnknown, kCorruption, kIo.
int HttpStatusFor(ErrorCode code);

// What one API's clients are told beside the error's own message.
struct ProblemWords {
  std::string_view code{};    // of the problem; "": invalid_parameter, not_found, in_flight,
                              // key_reused, unsupported, unavailable, deadline, outcome_unknown or
                              // not_stored, by the error's code
  std::string_view advice{};  // sentences that follow the message
};
// The problem of an error; with Retry-After where it is unavailable.
net::HttpResponse ProblemOf(const Error& error, const ProblemWords& words = {});

// An error's message as the detail of a problem: "the key is taken" becomes "The key is taken.". A
// first word that is a name, such as a file's, stays as it is.
std::string AsSentence(std::string message);

}  // namespace st::api::http
