// The rules of aliases: the first request of a player creates the player, and missing coins are
// granted. Stock limits a purchase; what a player may hold or carry does not, so that endless loops
// of requests, as in the course, go on. Requires: CheckCommand is ok.
#pragma once

#include "game/command.h"
#include "game/decision.h"
#include "game/guards.h"

namespace st::game {

OrRefusal<Decision> DecideCommand(const Guards& game, const UseAlias& c);

}  // namespace st::game
