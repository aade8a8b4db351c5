// The rules of players and their wallets. Requires: CheckCommand is ok.
#pragma once

#include "game/command.h"
#include "game/decision.h"
#include "game/guards.h"

namespace st::game {

OrRefusal<Decision> DecideCommand(const Guards& game, const CreatePlayer& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const GrantCoins& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const SpendCoins& c);

}  // namespace st::game
