// The common parts of the rules: look-ups of the players, items and guilds that a command names,
// and guards, which refuse a command that a limit forbids. Look-ups refuse with 404, guards with
// 409.
//
// Threads: the state's.
// Owner:   the caller; catalogue and state must outlive it.
// Limits:  limits.h, and the catalogue's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "game/catalogue.h"
#include "game/command.h"
#include "game/decision.h"
#include "game/state.h"

namespace st::game {

class Guards {
 public:
  Guards(const Catalogue& catalogue, const State& state) : catalogue_(catalogue), state_(state) {}

  const Catalogue& catalogue() const { return catalogue_; }
  const State& state() const { return state_; }

  OrRefusal<const Player*> PlayerOf(std::string_view id) const;
  OrRefusal<const Item*> ItemOf(std::string_view name) const;
  OrRefusal<std::uint32_t> GuildOf(std::string_view name) const;
  // The quantity of an item in the stacks.
  std::int64_t CountOf(const Stacks& stacks, std::string_view item) const;
  std::int64_t MembersOf(std::uint32_t guild) const;
  // How many of an item with a limited stock the shop still has.
  std::int64_t StockOf(const Item& item) const;

  // One more player has room in the game.
  OrRefusal<void> RequireRoomForPlayer() const;
  OrRefusal<void> RequireRoomForGuild() const;
  OrRefusal<void> RequireRoomInGuild(std::string_view guild, std::int64_t members) const;
  OrRefusal<void> RequireNoGuild(std::string_view id, const Player& player) const;
  OrRefusal<void> RequireRoomInWallet(std::string_view id, std::int64_t coins,
                                      std::int64_t gain) const;
  OrRefusal<void> RequireCoins(std::string_view id, std::int64_t coins, std::int64_t needed) const;
  OrRefusal<void> RequireItems(std::string_view id, std::int64_t held, const ItemCount& what) const;
  OrRefusal<void> RequireStock(const Item& item, std::int64_t quantity) const;
  // A player may hold so many of this item.
  OrRefusal<void> RequireCapacity(std::string_view id, const ItemCount& what,
                                  std::int64_t held) const;
  // A player may carry so many items of all kinds; fewer items always fit.
  OrRefusal<void> RequireCarryingCapacity(std::string_view id, const Player& player,
                                          std::int64_t more) const;
  // The state's table of items has room for this one, where it is new there.
  OrRefusal<void> RequireRoomForItem(std::string_view item) const;
  // Coins of so many at a price; refused where the sum is beyond kMaxCoins.
  OrRefusal<std::int64_t> Sum(std::int64_t price, std::int64_t quantity) const;

 private:
  const Catalogue& catalogue_;
  const State& state_;
};

}  // namespace st::game
