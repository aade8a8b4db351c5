// The game's state: a fold over its events. Pure: no clock, no randomness, no files.
//
// Threads: one thread (the owner's).
// Units:   coins; items counted one by one.
// Limits:  limits.h. A million players of ten stacks take less than 300 MB.
// Format:  docs/formats/game_snapshot.md, for the chunks of a snapshot.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "game/event.h"
#include "game/limits.h"
#include "game/names.h"
#include "game/stacks.h"

namespace st::game {

inline constexpr std::uint32_t kNoGuild = 0xFFFFFFFF;

struct Player {
  std::int64_t coins = 0;
  std::uint32_t guild = kNoGuild;
  Stacks inventory;
  Stacks cart;
};

struct Guild {
  std::uint32_t founder = 0;
  std::vector<std::uint32_t> members;  // by number of the player: by age
};

// The totals of an item. All inventories together hold bought - sold - used of it, and a limited
// stock has given out bought - sold. Counted modulo 2^64.
struct ItemTotals {
  std::uint64_t bought = 0;
  std::uint64_t sold = 0;  // back to the shop
  std::uint64_t used = 0;
  friend bool operator==(const ItemTotals&, const ItemTotals&) = default;
};

// All wallets together hold granted - spent - paid + earned. Counted modulo 2^64.
struct Totals {
  std::uint64_t granted = 0;  // includes the coins that players start with
  std::uint64_t spent = 0;
  std::uint64_t paid = 0;    // for items
  std::uint64_t earned = 0;  // by selling items
  std::uint64_t orders = 0;  // the next order is orders + 1
  std::uint64_t trades = 0;
  friend bool operator==(const Totals&, const Totals&) = default;
};

class State {
 public:
  // `seed` keeps clients from choosing names that collide in a hash; it shows nowhere.
  explicit State(std::uint64_t seed);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // kCorruption: the event does not fit the state (an unknown player, coins that are not there);
  // then nothing changed. Never after Decide on this state.
  Status Apply(const Event& event);

  const Names& players() const { return player_names_; }
  const Names& items() const { return item_names_; }  // all that an event ever named
  const Names& guilds() const { return guild_names_; }
  // Requires: number < players().size().
  const Player& player(std::uint32_t number) const {
    return (*blocks_[number / kPlayersPerChunk])[number % kPlayersPerChunk];
  }
  const Guild& guild(std::uint32_t number) const { return guilds_[number]; }
  const Player* FindPlayer(std::string_view name) const;
  // Zeros for an item that no event ever named.
  ItemTotals item(std::string_view name) const;
  const Totals& totals() const { return totals_; }

  // Begins a snapshot of the present state, written chunk by chunk while commands go on: a part of
  // the state is written before it changes. Drops a snapshot in progress.
  void BeginSnapshot();
  // Puts the next chunk into `chunk`, self-contained and checksummed; false: the last was taken.
  // Costs about 0.2 ms. Requires: BeginSnapshot was called.
  bool NextChunk(std::string& chunk);
  // Drops a snapshot in progress, if there is one.
  void EndSnapshot();

 private:
  friend class StateReader;
  class Fold;                         // state.cc
  class Snapshot;                     // snapshot.cc
  using Block = std::vector<Player>;  // of kPlayersPerChunk

  Player& Touch(std::uint32_t player);  // for a change
  std::uint32_t AddPlayer(std::string_view name, std::int64_t coins);
  std::uint32_t AddGuild(std::string_view name, std::uint32_t founder);
  std::uint32_t AddItem(std::string_view name);

  Names player_names_;
  Names item_names_;
  Names guild_names_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<Guild> guilds_;
  std::vector<ItemTotals> item_totals_;
  Totals totals_;
  std::unique_ptr<Snapshot> snapshot_;  // while one goes on
};

// Length of the chunk that begins with `head`. kCorruption: `head` does not begin a chunk.
inline constexpr std::size_t kChunkHeadBytes = 16;
Result<std::size_t> ChunkBytes(std::string_view head);

// A state from a snapshot's chunks, in the order in which they were made. Total on hostile input.
//
// Errors: kCorruption damaged, incomplete or in disorder; kUnsupported a newer format.
class StateReader {
 public:
  explicit StateReader(std::uint64_t seed);
  ~StateReader();
  // One whole chunk.
  Status Add(std::string_view chunk);
  // Once after the last chunk.
  Result<std::unique_ptr<State>> Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace st::game
