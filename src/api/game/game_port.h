// What the game's HTTP API asks of whoever owns the game's state.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/ids.h"
#include "base/result.h"
#include "game/command.h"
#include "game/decide.h"
#include "game/view.h"

namespace st::api {

struct GameAnswer {
  game::Reply reply;
  // The first record that the command made, or the last that the state read from knows; none where
  // nothing was stored.
  std::optional<Offset> position;
};
using GameAnswered = std::move_only_function<void(const Result<GameAnswer>&)>;

// What makes a command one that may be sent again.
struct CommandIdentity {
  std::string key;     // "": none
  std::string player;  // who acts, whose the key is; "" for one who is made
  std::string method;  // with target and body what a repetition must equal
  std::string target;
  std::string body;
};

// A moment: what all commands did of which a record stands at this offset or before (-1: none), or
// whose records were appended at this time or before.
struct AtTime {
  std::int64_t time_ms = 0;  // since the epoch, UTC
};
using AsOf = std::variant<Offset, AtTime>;

// Threads: safe from any thread; answers come on any thread, once each.
// Durable: an answer comes when what it follows from is durable.
// Errors:  kUnavailable nothing happened; kOutcomeUnknown it may be stored; kConflict a command of
//          the same key is in flight; kAlreadyExists the key was another request's; kNotFound
//          retention took what a moment needs; kInvalidArgument a moment that has not been yet;
//          kDeadline making the state of a moment took too long.
class GamePort {
 public:
  virtual ~GamePort() = default;
  virtual void Submit(game::Command command, CommandIdentity identity, GameAnswered done) = 0;
  virtual void Read(game::Query query, GameAnswered done) = 0;
  virtual void ReadAsOf(game::Query query, AsOf as_of, GameAnswered done) = 0;
};

}  // namespace st::api
