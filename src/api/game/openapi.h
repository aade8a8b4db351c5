// The game's routes in OpenAPI 3.1; internal to api/game.
#pragma once

#include <string>

#include "game/catalogue.h"

namespace st::api {

// {"paths": …, "schemas": …} of the game.
std::string GameOpenApi(const game::Catalogue& catalogue);
// An OpenAPI document with that part added; the document itself where it is none.
std::string MergeOpenApi(const std::string& document, const std::string& part);

}  // namespace st::api
