// Decides whether a state accepts a command, and by which events.
//
// A refusal is an outcome, with status and stable code. Deciding does not change the state: the
// caller applies the events, all of them or none. The rules are in player_commands.h,
// guild_commands.h, cart_commands.h, item_commands.h and alias_commands.h.
#pragma once

#include "game/catalogue.h"
#include "game/command.h"
#include "game/decision.h"
#include "game/state.h"

namespace st::game {

// Requires: CheckCommand(command) is ok. About 1 us.
Decision Decide(const Catalogue& catalogue, const State& state, const Command& command);

}  // namespace st::game
