// The results of the game's commands and reads, and the moments that a read may ask for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <variant>

#include "base/ids.h"
#include "base/result.h"
#include "game/decision.h"

namespace st::game_service {

struct GameResult {
  game::Reply reply;
  // The command's first record, or the last record that the state of a read contains; none where
  // nothing was stored.
  std::optional<Offset> position;
};
using GameDone = std::move_only_function<void(const Result<GameResult>&)>;

// Milliseconds since the epoch.
struct GameTime {
  std::int64_t ms = 0;
};
// The state after the record at an offset (-1: before the first record), or at a time.
using GameMoment = std::variant<Offset, GameTime>;

}  // namespace st::game_service
