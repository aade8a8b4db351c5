// The game's state: a fold over its events. Pure: no clock, no randomness, no files.
//
// Threads: one thread (the owner's).
// Limits:  limits.h. A million players of ten stacks take less than 300 MB.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "game/event.h"
#include "game/limits.h"
#include "game/state_contents.h"

namespace st::game {

// Is told of changes before they are made.
class ChangeObserver {
 public:
  virtual ~ChangeObserver() = default;
  // A player of this block is about to change. A player who is added is no change: the number is
  // new.
  virtual void BeforeChange(std::uint32_t block) = 0;
};

class State {
 public:
  // An empty state. `seed`: see StateContents.
  explicit State(std::uint64_t seed) : State(StateContents(seed)) {}
  // Requires: the contents are consistent, as those of a State are.
  explicit State(StateContents contents) : contents_(std::move(contents)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // kCorruption: the event does not fit the state (an unknown player, coins that are not there);
  // then nothing changed. Never after Decide on this state.
  Status Apply(const Event& event);

  const Names& players() const { return contents_.player_names; }
  const Names& items() const { return contents_.item_names; }  // all that an event ever named
  const Names& guilds() const { return contents_.guild_names; }
  // Requires: number < players().size().
  const Player& player(std::uint32_t number) const {
    return (*contents_.blocks[number / kPlayersPerChunk])[number % kPlayersPerChunk];
  }
  const Guild& guild(std::uint32_t number) const { return contents_.guilds[number]; }
  // nullptr: there is none of this name.
  const Player* FindPlayer(std::string_view name) const;
  // Zeros for an item that no event ever named.
  ItemTotals item(std::string_view name) const;
  const Totals& totals() const { return contents_.totals; }
  const StateContents& contents() const { return contents_; }

  // From now on tells `observer` of changes, until Observe(nullptr), which comes before the
  // observer's end. Requires: there is no other observer.
  void Observe(ChangeObserver* observer);

 private:
  class Fold;  // state.cc

  // The player, who is about to change.
  Player& Touch(std::uint32_t player);
  std::uint32_t AddPlayer(std::string_view name, std::int64_t coins);

  StateContents contents_;
  ChangeObserver* observer_ = nullptr;
};

}  // namespace st::game
