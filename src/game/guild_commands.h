// The rules of guilds. Requires: CheckCommand is ok.
#pragma once

#include "game/command.h"
#include "game/decision.h"
#include "game/guards.h"

namespace st::game {

OrRefusal<Decision> DecideCommand(const Guards& game, const CreateGuild& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const JoinGuild& c);
OrRefusal<Decision> DecideCommand(const Guards& game, const LeaveGuild& c);

}  // namespace st::game
