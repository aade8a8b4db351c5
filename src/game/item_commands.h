// The rules of items that players have: they use them, sell them back and trade them. Requires:
// CheckCommand is ok.
#pragma once

#include "game/command.h"
#include "game/decision.h"
#include "game/guards.h"

namespace st::game {

OrRefusal<Decision> DecideCommand(const Guards& game, const UseItem& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const SellItem& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const Trade& c);

}  // namespace st::game
