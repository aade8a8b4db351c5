// Players of the game, by its REST routes: they are created, get coins, shop, use, sell, trade and
// join guilds. The rules refuse some of their commands, as with real players.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/load/script.h"

namespace st::client::load {

// `items` are names of the catalogue. Requires: at least one.
std::unique_ptr<Script> MakeGameScript(std::vector<std::string> items);

// Plays `often` and `seldom` in the proportion 4 to 1; either may be null, not both.
std::unique_ptr<Script> MakeMixedScript(std::unique_ptr<Script> often,
                                        std::unique_ptr<Script> seldom);

}  // namespace st::client::load
