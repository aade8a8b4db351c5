#include "game/judge.h"

#include <algorithm>

namespace st::game {

Reply Done(std::string body, int status) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body) + "\n";
  return reply;
}

Ruled<const Player*> Judge::PlayerOf(const std::string& id) const {
  const Player* player = state_.FindPlayer(id);
  if (player == nullptr)
    return NotThere("no_player", fmt::format("There is no player \"{}\".", id));
  return player;
}

Ruled<const Item*> Judge::ItemOf(const std::string& name) const {
  const Item* item = catalogue_.Find(name);
  if (item == nullptr) return NotThere("no_item", catalogue_.NoItem(name));
  return item;
}

Ruled<std::uint32_t> Judge::GuildOf(const std::string& name) const {
  const auto guild = state_.guilds().Find(name);
  if (!guild) return NotThere("no_guild", fmt::format("There is no guild \"{}\".", name));
  return *guild;
}

std::int64_t Judge::CountOf(const Stacks& stacks, std::string_view item) const {
  const auto number = state_.items().Find(item);
  return number ? stacks.Count(*number) : 0;
}

std::int64_t Judge::MembersOf(std::uint32_t guild) const {
  return std::ssize(state_.guild(guild).members);
}

Ruled<void> Judge::RequireRoomInWallet(const std::string& id, std::int64_t coins,
                                       std::int64_t gain) const {
  if (coins + gain <= kMaxCoins) return {};
  return Refused("wallet_full", "\"{}\" has {} coins, and a wallet takes {} at most.", id, coins,
                 kMaxCoins);
}

Ruled<void> Judge::RequireCoins(const std::string& id, std::int64_t coins,
                                std::int64_t needed) const {
  if (coins >= needed) return {};
  return Refused("insufficient_funds", "\"{}\" has {} coins, and {} are needed.", id, coins,
                 needed);
}

Ruled<void> Judge::RequireItems(const std::string& id, std::int64_t held,
                                const ItemCount& what) const {
  if (held >= what.quantity) return {};
  return Refused("insufficient_items", "\"{}\" has {} of \"{}\", and {} are needed.", id, held,
                 what.item, what.quantity);
}

Ruled<void> Judge::RequireStock(const Item& item, std::int64_t quantity) const {
  if (!item.stock) return {};
  const ItemTotals totals = state_.item(item.name);
  const auto gone = static_cast<std::int64_t>(totals.bought - totals.sold);
  const std::int64_t left = std::max<std::int64_t>(0, *item.stock - gone);
  if (left >= quantity) return {};
  return Refused("out_of_stock", "{} of \"{}\" are left, and {} are wanted.", left, item.name,
                 quantity);
}

Ruled<void> Judge::RequireCapacity(const std::string& id, const ItemCount& what,
                                   std::int64_t held) const {
  const Item* item = catalogue_.Find(what.item);
  const std::int64_t most = item != nullptr && item->per_player ? *item->per_player : kMaxQuantity;
  if (held + what.quantity <= most) return {};
  return Refused("item_limit", "\"{}\" has {} of \"{}\", and a player may have {} at most.", id,
                 held, what.item, most);
}

Ruled<void> Judge::RequireNumber(const std::string& item) const {
  if (state_.items().Find(item) || state_.items().size() < kMaxItems) return {};
  return Refused("too_many_items", "{} items were in the game, and no more are taken.", kMaxItems);
}

Ruled<void> Judge::RequireCarryingCapacity(const std::string& id, const Player& player,
                                           std::int64_t more) const {
  if (!catalogue_.capacity || more <= 0) return {};
  const auto held = static_cast<std::int64_t>(player.inventory.Total());
  if (held + more <= *catalogue_.capacity) return {};
  return Refused("capacity",
                 "\"{}\" carries {} items, {} would come, and a player carries {} at most.", id,
                 held, more, *catalogue_.capacity);
}

Ruled<std::int64_t> Judge::Sum(std::int64_t price, std::int64_t quantity) const {
  if (price == 0 || quantity <= kMaxCoins / price) return price * quantity;
  return Refused("sum_too_large", "{} times {} coins are more than there can be ({}).", quantity,
                 price, kMaxCoins);
}

}  // namespace st::game
