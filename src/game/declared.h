// Compares the game's events with a project's declarations. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"

namespace st::game {

// The topic of the fold; one partition, written by the game alone.
inline constexpr std::string_view kTopic = "game";

// Every event of the fold but command_refused is declared once, in topic `game`, without route,
// with its fields and their types; no other event is in that topic. Called at start and by `check`
// for a project with a game.toml; `file` is its name in errors.
//
// Errors: kInvalidArgument with the place and the declaration that is expected.
Status CheckDeclarations(const std::vector<event::Declaration>& declarations,
                         const std::string& file);

}  // namespace st::game
