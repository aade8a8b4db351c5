// The game's routes in OpenAPI 3.1; internal to api/game.
#pragma once

#include <string>

#include "api/game/operations.h"

namespace st::api {

// The operation object of one route. It refers to the schema trade_side (trade_body.h).
std::string OpenApiOf(const Operation& operation);

}  // namespace st::api
