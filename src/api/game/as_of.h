// The moment that a read's ?as_of= names. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "api/game/game_port.h"

namespace st::api {

// "41" and "-1": an offset of topic `game`; "2026-11-27T10:00:00Z", with a fraction and another
// zone too: a time; "1795773600s" and "1795773600000ms": a time since the epoch. nullopt: the text
// names no moment.
std::optional<AsOf> ParseAsOf(std::string_view text);
inline constexpr std::string_view kAsOfAllowed =
    "an offset (41, or -1 for before the first event), a time (2026-11-27T10:00:00Z), or one since "
    "the epoch (1795773600s, "
    "1795773600000ms)";

}  // namespace st::api
