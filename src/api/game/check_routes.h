// Whether the routes of a project leave the paths of the game's API alone.
//
// Threads: pure function.
#pragma once

#include <vector>

#include "base/result.h"
#include "event/declaration.h"
#include "game/catalogue.h"

namespace st::api {

// kInvalidArgument: an alias or a declared event's route takes a path of the game's (names both).
Status CheckRoutes(const game::Catalogue& catalogue,
                   const std::vector<event::Declaration>& declarations);

}  // namespace st::api
