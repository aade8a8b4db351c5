// The game's events against what a project declares. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"

namespace st::game {

// The topic of the fold; one partition, written by the game alone.
inline constexpr std::string_view kTopic = "game";

// Every event of the fold but command_refused is declared once, in topic `game`, without route,
// with its fields and their types; nothing else is in that topic. Asked for at start and by `check`
// where a project has a game.toml; `file` is its name in errors.
//
// Errors: kInvalidArgument with the place, and what is wanted.
Status CheckDeclarations(const std::vector<event::Declaration>& declarations,
                         const std::string& file);

}  // namespace st::game
