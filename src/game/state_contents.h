// The parts of a game's state: players, guilds, and the totals of items and coins. State keeps them
// consistent; a snapshot writes and reads them.
//
// Threads: one thread (the owner's).
// Units:   coins; items counted one by one.
// Limits:  limits.h.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

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
  std::vector<std::uint32_t> members;  // players' numbers in ascending order, the oldest first
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

// Players of consecutive numbers. Every block has kPlayersPerChunk places; in the last one some are
// free.
using PlayerBlock = std::vector<Player>;

// Names and guilds are only added, so a number keeps its meaning.
struct StateContents {
  // `seed` keeps clients from choosing names that collide in a hash; no result depends on it.
  explicit StateContents(std::uint64_t seed)
      : player_names(seed), item_names(seed), guild_names(seed) {}

  // Requires: the name is not there yet.
  std::uint32_t AddItem(std::string_view name) {
    item_totals.emplace_back();
    return item_names.Add(name);
  }
  std::uint32_t AddGuild(std::string_view name, std::uint32_t founder) {
    guilds.push_back({.founder = founder, .members = {}});
    return guild_names.Add(name);
  }

  Names player_names;
  Names item_names;  // all that an event ever named
  Names guild_names;
  std::vector<std::unique_ptr<PlayerBlock>> blocks;
  std::vector<Guild> guilds;            // by number
  std::vector<ItemTotals> item_totals;  // by number
  Totals totals;
};

}  // namespace st::game
