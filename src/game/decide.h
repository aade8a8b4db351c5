// The rules: decide whether a state accepts a command, and by which events.
//
// A refusal is an outcome, with status and stable code. Nothing here changes the state: the caller
// applies the events, all of them or none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "game/catalogue.h"
#include "game/command.h"
#include "game/event.h"
#include "game/state.h"

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

// Requires: CheckCommand(command) is ok. About 1 us.
Decision Decide(const Catalogue& catalogue, const State& state, const Command& command);

// {"type": "about:blank", "title": …, "status": 409, "detail": …, "code": …}.
Reply Refusal(int status, std::string_view code, std::string_view detail);

}  // namespace st::game
