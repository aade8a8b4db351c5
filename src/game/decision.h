// What the rules make of a command: the reply to its client, and the events that it causes.
#pragma once

#include <fmt/format.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "game/event.h"

namespace st::game {

// The answer to the client. It depends on the command and the state alone, so it can be recorded.
struct Reply {
  int status = 200;
  std::string code;  // of a refusal, "insufficient_funds"; "" of a success
  std::string content_type = "application/json";
  std::string body;  // of a refusal: an RFC 9457 problem
};

struct Decision {
  Reply reply;
  // At least one of a success, none of a refusal. Under an idempotency key the caller records a
  // refusal as CommandRefused{CommandName(command), reply.code, key}.
  std::vector<Event> events;
};

// A value, or the refusal of the command or read that needs it.
template <typename T>
using OrRefusal = std::expected<T, Reply>;

// A success with a JSON object.
Reply Success(std::string body, int status = 200);
// {"type": "about:blank", "title": …, "status": 409, "detail": …, "code": …}.
Reply Refusal(int status, std::string_view code, std::string_view detail);

// 409: the state does not allow it.
template <typename... Args>
std::unexpected<Reply> Refused(std::string_view code, fmt::format_string<Args...> format,
                               Args&&... args) {
  constexpr int kConflict = 409;
  return std::unexpected(
      Refusal(kConflict, code, fmt::format(format, std::forward<Args>(args)...)));
}
// 404: what it names does not exist.
template <typename... Args>
std::unexpected<Reply> NotFound(std::string_view code, fmt::format_string<Args...> format,
                                Args&&... args) {
  constexpr int kNotFound = 404;
  return std::unexpected(
      Refusal(kNotFound, code, fmt::format(format, std::forward<Args>(args)...)));
}

}  // namespace st::game
