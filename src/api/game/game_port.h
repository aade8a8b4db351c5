// The interface by which the game's HTTP API reaches the owner of the game's state.
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
  // Of a command its first record, of a read the last record that its state includes; none where
  // the command stored nothing.
  std::optional<TopicPosition> position;
};
using GameAnswered = std::move_only_function<void(const Result<GameAnswer>&)>;

// Identifies a command, so that its client may send it again.
struct CommandIdentity {
  std::string key;     // "": none
  std::string player;  // acts, and owns the key; "" where the command makes up the player's id
  std::string method;  // a repetition must have the same method, target and body
  std::string target;
  std::string body;
};

// A moment of the past: the state after all commands with a record at this offset or before (-1:
// after none), or after all whose records were appended at this time or before.
struct AtTime {
  std::int64_t time_ms = 0;  // since the epoch, UTC
};
using AsOf = std::variant<Offset, AtTime>;

// Threads: safe from any thread; answers come on any thread, once each.
// Durable: an answer comes when the records that it depends on are durable.
// Errors:  kUnavailable nothing happened; kOutcomeUnknown the command may be stored; kConflict a
//          command with the same key is in flight; kAlreadyExists another request used the key;
//          kNotFound retention removed records that the moment needs; kInvalidArgument the moment
//          is in the future; kDeadline rebuilding the state of the moment took too long.
class GamePort {
 public:
  virtual ~GamePort() = default;
  virtual void Submit(game::Command command, CommandIdentity identity, GameAnswered done) = 0;
  virtual void Read(game::Query query, GameAnswered done) = 0;
  virtual void ReadAsOf(game::Query query, AsOf as_of, GameAnswered done) = 0;
};

}  // namespace st::api
