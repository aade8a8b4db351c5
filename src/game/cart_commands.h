// The rules of carts and of the order that a cart becomes. Requires: CheckCommand is ok.
#pragma once

#include "game/command.h"
#include "game/decision.h"
#include "game/guards.h"

namespace st::game {

OrRefusal<Decision> DecideCommand(const Guards& game, const AddToCart& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const ChangeCart& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const RemoveFromCart& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const Checkout& c);

}  // namespace st::game
