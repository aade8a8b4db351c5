#include "game/cart_commands.h"

#include <algorithm>

#include "game/json_writer.h"

namespace st::game {
namespace {

OrRefusal<Decision> SetCart(const Guards& game, const std::string& id, const ItemCount& what,
                            bool is_added) {
  ST_TRY(const auto* player, game.PlayerOf(id));
  ST_TRY_STATUS(game.ItemOf(what.item));
  ST_TRY_STATUS(game.RequireRoomForItem(what.item));
  const std::int64_t before = game.CountOf(player->cart, what.item);
  const std::int64_t after = what.quantity + (is_added ? before : 0);
  if (after > kMaxQuantity) {
    return Refused("cart_full", "A cart takes at most {} of one item.", kMaxQuantity);
  }
  if (before == 0 && player->cart.all().size() >= kMaxCartItems) {
    return Refused("cart_full", "A cart takes at most {} different items.", kMaxCartItems);
  }
  Decision decision{
      Success(
          JsonObject().Text("player", id).Text("item", what.item).Number("in_cart", after).Take(),
          before == 0 ? 201 : 200),
      {}};
  if (is_added) {
    decision.events.emplace_back(CartAdded{id, what.item, what.quantity, after});
  } else {
    decision.events.emplace_back(CartChanged{id, what.item, after});
  }
  return decision;
}

std::string LineBody(const ItemPurchased& line) {
  return JsonObject()
      .Text("item", line.item)
      .Number("quantity", line.quantity)
      .Number("price", line.price)
      .Number("total", line.total)
      .Take();
}

OrRefusal<void> CheckLine(const Guards& game, const std::string& id, const Player& player,
                          const ItemCount& line) {
  ST_TRY(const auto* item, game.ItemOf(line.item));
  ST_TRY_STATUS(game.RequireStock(*item, line.quantity));
  return game.RequireCapacity(id, line, game.CountOf(player.inventory, line.item));
}

}  // namespace

OrRefusal<Decision> DecideCommand(const Guards& game, const AddToCart& c) {
  return SetCart(game, c.player, c.what, true);
}

OrRefusal<Decision> DecideCommand(const Guards& game, const ChangeCart& c) {
  return SetCart(game, c.player, c.what, false);
}

OrRefusal<Decision> DecideCommand(const Guards& game, const RemoveFromCart& c) {
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  JsonObject body;
  body.Text("player", c.player);
  if (c.item) body.Text("item", *c.item);
  Decision decision{Success(body.Number("in_cart", 0).Take()), {}};
  if (c.item) {
    if (game.CountOf(player->cart, *c.item) == 0) {
      return NotFound("not_in_cart", "\"{}\" is not in the cart.", *c.item);
    }
    decision.events.emplace_back(CartRemoved{c.player, *c.item});
    return decision;
  }
  for (const Stack& stack : player->cart.all()) {
    decision.events.emplace_back(
        CartRemoved{c.player, std::string(game.state().items().At(stack.item))});
  }
  if (decision.events.empty()) return Refused("cart_empty", "The cart is empty.");
  return decision;
}

OrRefusal<Decision> DecideCommand(const Guards& game, const Checkout& c) {
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  if (player->cart.all().empty()) return Refused("cart_empty", "The cart is empty.");
  const auto order_id = static_cast<std::int64_t>(game.state().totals().orders + 1);
  std::vector<ItemPurchased> lines;
  CheckedOut order{c.player, order_id, 0, 0, 0};
  for (const Stack& stack : player->cart.all()) {
    const ItemCount line{std::string(game.state().items().At(stack.item)), stack.count};
    ST_TRY_STATUS(CheckLine(game, c.player, *player, line));
    const Item& item = *game.catalogue().Find(line.item);
    ST_TRY(const auto total, game.Sum(item.price, line.quantity));
    order.items += line.quantity;
    order.total = std::min(kMaxCoins + 1, order.total + total);
    lines.push_back({c.player, order_id, item.name, item.kind, item.rarity, line.quantity,
                     item.price, total, 0});
  }
  std::ranges::sort(lines, {}, &ItemPurchased::item);
  ST_TRY_STATUS(game.RequireCoins(c.player, player->coins, order.total));
  ST_TRY_STATUS(game.RequireCarryingCapacity(c.player, *player, order.items));
  Decision decision;
  JsonList bodies;
  order.balance = player->coins;
  for (auto& line : lines) {
    order.balance -= line.total;
    line.balance = order.balance;
    bodies.Add(LineBody(line));
    decision.events.emplace_back(std::move(line));
  }
  decision.reply = Success(JsonObject()
                               .Text("player", c.player)
                               .Number("order_id", order_id)
                               .Raw("items", bodies.Take())
                               .Number("total", order.total)
                               .Number("coins", order.balance)
                               .Take());
  decision.events.emplace_back(std::move(order));
  return decision;
}

}  // namespace st::game
