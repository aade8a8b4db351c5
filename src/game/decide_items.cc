// The rules of orders, inventories and trades.
#include <algorithm>

#include "game/json_writer.h"
#include "game/judge.h"

namespace st::game {
namespace {

std::string LineBody(const ItemPurchased& line) {
  return JsonObject()
      .Text("item", line.item)
      .Number("quantity", line.quantity)
      .Number("price", line.price)
      .Number("total", line.total)
      .Take();
}

}  // namespace

Ruled<void> Judge::CheckLine(const std::string& id, const Player& player,
                             const ItemCount& line) const {
  ST_TRY(const auto* item, ItemOf(line.item));
  ST_TRY_STATUS(RequireStock(*item, line.quantity));
  return RequireCapacity(id, line, CountOf(player.inventory, line.item));
}

Ruled<Decision> Judge::operator()(const Checkout& c) const {
  ST_TRY(const auto* player, PlayerOf(c.player));
  if (player->cart.all().empty()) return Refused("cart_empty", "The cart is empty.");
  const auto order_id = static_cast<std::int64_t>(state_.totals().orders + 1);
  std::vector<ItemPurchased> lines;
  CheckedOut order{c.player, order_id, 0, 0, 0};
  for (const Stack& stack : player->cart.all()) {
    const ItemCount line{std::string(state_.items().At(stack.item)), stack.count};
    ST_TRY_STATUS(CheckLine(c.player, *player, line));
    const Item& item = *catalogue_.Find(line.item);
    ST_TRY(const auto total, Sum(item.price, line.quantity));
    order.items += line.quantity;
    order.total = std::min(kMaxCoins + 1, order.total + total);
    lines.push_back({c.player, order_id, item.name, item.kind, item.rarity, line.quantity,
                     item.price, total, 0});
  }
  std::ranges::sort(lines, {}, &ItemPurchased::item);
  ST_TRY_STATUS(RequireCoins(c.player, player->coins, order.total));
  ST_TRY_STATUS(RequireCarryingCapacity(c.player, *player, order.items));
  Decision decision;
  JsonList bodies;
  order.balance = player->coins;
  for (auto& line : lines) {
    order.balance -= line.total;
    line.balance = order.balance;
    bodies.Add(LineBody(line));
    decision.events.emplace_back(std::move(line));
  }
  decision.reply = Done(JsonObject()
                            .Text("player", c.player)
                            .Number("order_id", order_id)
                            .Raw("items", bodies.Take())
                            .Number("total", order.total)
                            .Number("coins", order.balance)
                            .Take());
  decision.events.emplace_back(std::move(order));
  return decision;
}

Ruled<Decision> Judge::operator()(const UseItem& c) const {
  ST_TRY(const auto* player, PlayerOf(c.player));
  ST_TRY(const auto* item, ItemOf(c.what.item));
  if (!item->is_usable) {
    return Refused("not_usable", "\"{}\" is not used up by using it.", item->name);
  }
  const std::int64_t held = CountOf(player->inventory, item->name);
  ST_TRY_STATUS(RequireItems(c.player, held, c.what));
  const std::int64_t left = held - c.what.quantity;
  return Decision{Done(JsonObject()
                           .Text("player", c.player)
                           .Text("item", item->name)
                           .Number("used", c.what.quantity)
                           .Number("left", left)
                           .Take()),
                  {ItemUsed{c.player, item->name, c.what.quantity, left}}};
}

Ruled<Decision> Judge::operator()(const SellItem& c) const {
  ST_TRY(const auto* player, PlayerOf(c.player));
  ST_TRY(const auto* item, ItemOf(c.what.item));
  if (!item->sell_price) {
    return Refused("not_sellable", "The shop does not take \"{}\" back.", item->name);
  }
  const std::int64_t held = CountOf(player->inventory, item->name);
  ST_TRY_STATUS(RequireItems(c.player, held, c.what));
  ST_TRY(const auto total, Sum(*item->sell_price, c.what.quantity));
  ST_TRY_STATUS(RequireRoomInWallet(c.player, player->coins, total));
  const std::int64_t balance = player->coins + total;
  return Decision{
      Done(JsonObject()
               .Text("player", c.player)
               .Text("item", item->name)
               .Number("sold", c.what.quantity)
               .Number("total", total)
               .Number("left", held - c.what.quantity)
               .Number("coins", balance)
               .Take()),
      {ItemSold{c.player, item->name, c.what.quantity, *item->sell_price, total, balance}}};
}

// What `from` gives must be there, and have room at `to` before anything leaves it.
Ruled<void> Judge::CheckSide(const TradeSide& from, const TradeSide& to) const {
  ST_TRY(const auto* giver, PlayerOf(from.player));
  ST_TRY(const auto* taker, PlayerOf(to.player));
  ST_TRY_STATUS(RequireCoins(from.player, giver->coins, from.coins));
  ST_TRY_STATUS(RequireRoomInWallet(to.player, taker->coins, from.coins));
  std::int64_t more = 0;
  for (const auto& what : from.items) {
    ST_TRY_STATUS(RequireItems(from.player, CountOf(giver->inventory, what.item), what));
    ST_TRY_STATUS(RequireCapacity(to.player, what, CountOf(taker->inventory, what.item)));
    more += what.quantity;
  }
  for (const auto& what : to.items) more -= what.quantity;
  return RequireCarryingCapacity(to.player, *taker, more);
}

Ruled<Decision> Judge::operator()(const Trade& c) const {
  ST_TRY_STATUS(CheckSide(c.first, c.second));
  ST_TRY_STATUS(CheckSide(c.second, c.first));
  const auto trade_id = static_cast<std::int64_t>(state_.totals().trades + 1);
  Decision decision;
  decision.events.emplace_back(
      Traded{trade_id, c.first.player, c.second.player, c.first.coins, c.second.coins});
  for (const auto& [from, to] : {std::pair(&c.first, &c.second), std::pair(&c.second, &c.first)}) {
    for (const auto& what : from->items) {
      decision.events.emplace_back(
          ItemTraded{trade_id, from->player, to->player, what.item, what.quantity});
    }
  }
  const auto coins_of = [this](const TradeSide& gives, const TradeSide& takes) {
    return state_.FindPlayer(gives.player)->coins - gives.coins + takes.coins;
  };
  const auto side = [](const std::string& player, std::int64_t coins) {
    return JsonObject().Text("player", player).Number("coins", coins).Take();
  };
  JsonList sides;
  sides.Add(side(c.first.player, coins_of(c.first, c.second)));
  sides.Add(side(c.second.player, coins_of(c.second, c.first)));
  decision.reply =
      Done(JsonObject().Number("trade_id", trade_id).Raw("players", sides.Take()).Take());
  return decision;
}

}  // namespace st::game
