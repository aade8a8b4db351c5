// The body of POST /trades. Pure; total on hostile input.
#pragma once

#include <expected>
#include <string_view>

#include "event/compose.h"
#include "game/command.h"

namespace st::api {

// {"player": "alice", "partner": "bob", "gives": {"coins": 5, "items": [{"item": "sword",
// "quantity": 1}]}, "takes": {…}}. A fault names its member as "gives.items[0].quantity".
std::expected<game::Trade, event::Fault> ParseTrade(std::string_view body);

// The JSON Schema of a trade, and that of a side, to which the first refers as
// #/components/schemas/trade_side.
std::string_view TradeSchema();
std::string_view TradeSideSchema();

}  // namespace st::api
