// The rules that commands and reads of the game bring, their results, and the moments that a read
// may ask for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <variant>

#include "base/ids.h"
#include "base/result.h"
#include "game/catalogue.h"
#include "game/decision.h"

namespace st::game_service {

// One version of a project's rules; never null.
using GameRules = std::shared_ptr<const game::Catalogue>;

struct GameResult {
  game::Reply reply;
  // The command's first record, or the last record that the state of a read contains; none where
  // nothing was stored.
  std::optional<TopicPosition> position;
};
using GameDone = std::move_only_function<void(const Result<GameResult>&)>;

// Milliseconds since the epoch.
struct GameTime {
  std::int64_t ms = 0;
};
// The state after the record at an offset (-1: before the first record), or at a time.
using GameMoment = std::variant<Offset, GameTime>;

}  // namespace st::game_service
