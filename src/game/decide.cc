#include "game/decide.h"

#include <utility>

#include "game/alias_commands.h"
#include "game/cart_commands.h"
#include "game/guards.h"
#include "game/guild_commands.h"
#include "game/item_commands.h"
#include "game/player_commands.h"

namespace st::game {

Decision Decide(const Catalogue& catalogue, const State& state, const Command& command) {
  const Guards game(catalogue, state);
  auto decided = std::visit([&](const auto& c) { return DecideCommand(game, c); }, command);
  if (decided) return std::move(*decided);
  return {.reply = std::move(decided.error()), .events = {}};
}

}  // namespace st::game
