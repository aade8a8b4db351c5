#include "game/guards.h"

#include <algorithm>

namespace st::game {

OrRefusal<const Player*> Guards::PlayerOf(std::string_view id) const {
  const Player* player = state_.FindPlayer(id);
  if (player == nullptr) return NotFound("no_player", "There is no player \"{}\".", id);
  return player;
}

OrRefusal<const Item*> Guards::ItemOf(std::string_view name) const {
  const Item* item = catalogue_.Find(name);
  if (item == nullptr) return NotFound("no_item", "{}", catalogue_.NoItem(name));
  return item;
}

OrRefusal<std::uint32_t> Guards::GuildOf(std::string_view name) const {
  const auto guild = state_.guilds().Find(name);
  if (!guild) return NotFound("no_guild", "There is no guild \"{}\".", name);
  return *guild;
}

std::int64_t Guards::CountOf(const Stacks& stacks, std::string_view item) const {
  const auto number = state_.items().Find(item);
  return number ? stacks.Count(*number) : 0;
}

std::int64_t Guards::MembersOf(std::uint32_t guild) const {
  return std::ssize(state_.guild(guild).members);
}

std::int64_t Guards::StockOf(const Item& item) const {
  const ItemTotals totals = state_.item(item.name);
  const auto gone = static_cast<std::int64_t>(totals.bought - totals.sold);
  return std::max<std::int64_t>(0, item.stock.value_or(0) - gone);
}

OrRefusal<void> Guards::RequireRoomForPlayer() const {
  if (state_.players().size() < kMaxPlayers) return {};
  return Refused("too_many_players", "There are {} players, and no more are taken.", kMaxPlayers);
}

OrRefusal<void> Guards::RequireRoomForGuild() const {
  if (state_.guilds().size() < kMaxGuilds) return {};
  return Refused("too_many_guilds", "There are {} guilds, and no more are taken.", kMaxGuilds);
}

OrRefusal<void> Guards::RequireRoomInGuild(std::string_view guild, std::int64_t members) const {
  if (members < catalogue_.guild_members) return {};
  return Refused("guild_full", "Guild \"{}\" has {} members, and no more are taken.", guild,
                 members);
}

OrRefusal<void> Guards::RequireNoGuild(std::string_view id, const Player& player) const {
  if (player.guild == kNoGuild) return {};
  return Refused("in_a_guild", "\"{}\" is in guild \"{}\": leave it first.", id,
                 state_.guilds().At(player.guild));
}

OrRefusal<void> Guards::RequireRoomInWallet(std::string_view id, std::int64_t coins,
                                            std::int64_t gain) const {
  if (coins + gain <= kMaxCoins) return {};
  return Refused("wallet_full",
                 "\"{}\" has {} coins, {} would come, and a wallet takes {} at most.", id, coins,
                 gain, kMaxCoins);
}

OrRefusal<void> Guards::RequireCoins(std::string_view id, std::int64_t coins,
                                     std::int64_t needed) const {
  if (coins >= needed) return {};
  return Refused("insufficient_funds", "\"{}\" has {} coins, and {} are needed.", id, coins,
                 needed);
}

OrRefusal<void> Guards::RequireItems(std::string_view id, std::int64_t held,
                                     const ItemCount& what) const {
  if (held >= what.quantity) return {};
  return Refused("insufficient_items", "\"{}\" has {} of \"{}\", and {} are needed.", id, held,
                 what.item, what.quantity);
}

OrRefusal<void> Guards::RequireStock(const Item& item, std::int64_t quantity) const {
  if (!item.stock) return {};
  const std::int64_t left = StockOf(item);
  if (left >= quantity) return {};
  return Refused("out_of_stock", "{} of \"{}\" are left, and {} are wanted.", left, item.name,
                 quantity);
}

OrRefusal<void> Guards::RequireCapacity(std::string_view id, const ItemCount& what,
                                        std::int64_t held) const {
  const Item* item = catalogue_.Find(what.item);
  const std::int64_t most = item != nullptr && item->per_player ? *item->per_player : kMaxQuantity;
  if (held + what.quantity <= most) return {};
  return Refused("item_limit",
                 "\"{}\" has {} of \"{}\", {} would come, and a player may have {} at most.", id,
                 held, what.item, what.quantity, most);
}

OrRefusal<void> Guards::RequireRoomForItem(std::string_view item) const {
  if (state_.items().Find(item) || state_.items().size() < kMaxItems) return {};
  return Refused("too_many_items", "{} items were in the game, and no more are taken.", kMaxItems);
}

OrRefusal<void> Guards::RequireCarryingCapacity(std::string_view id, const Player& player,
                                                std::int64_t more) const {
  if (!catalogue_.capacity || more <= 0) return {};
  const auto held = static_cast<std::int64_t>(player.inventory.Total());
  if (held + more <= *catalogue_.capacity) return {};
  return Refused("capacity",
                 "\"{}\" carries {} items, {} would come, and a player carries {} at most.", id,
                 held, more, *catalogue_.capacity);
}

OrRefusal<std::int64_t> Guards::Sum(std::int64_t price, std::int64_t quantity) const {
  if (price == 0 || quantity <= kMaxCoins / price) return price * quantity;
  return Refused("sum_too_large", "{} times {} coins are more than there can be ({}).", quantity,
                 price, kMaxCoins);
}

}  // namespace st::game
