#include "game/item_commands.h"

#include "game/json_writer.h"

namespace st::game {
namespace {

// `from` has its coins and items, and `to` has room for them, where the items that `to` gives make
// room.
OrRefusal<void> CheckSide(const Guards& game, const TradeSide& from, const TradeSide& to) {
  ST_TRY(const auto* giver, game.PlayerOf(from.player));
  ST_TRY(const auto* taker, game.PlayerOf(to.player));
  ST_TRY_STATUS(game.RequireCoins(from.player, giver->coins, from.coins));
  ST_TRY_STATUS(game.RequireRoomInWallet(to.player, taker->coins, from.coins));
  std::int64_t more = 0;
  for (const auto& what : from.items) {
    ST_TRY_STATUS(game.RequireItems(from.player, game.CountOf(giver->inventory, what.item), what));
    ST_TRY_STATUS(game.RequireCapacity(to.player, what, game.CountOf(taker->inventory, what.item)));
    more += what.quantity;
  }
  for (const auto& what : to.items) more -= what.quantity;
  return game.RequireCarryingCapacity(to.player, *taker, more);
}

}  // namespace

OrRefusal<Decision> DecideCommand(const Guards& game, const UseItem& c) {
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  ST_TRY(const auto* item, game.ItemOf(c.what.item));
  if (!item->is_usable) {
    return Refused("not_usable", "\"{}\" is not used up by using it.", item->name);
  }
  const std::int64_t held = game.CountOf(player->inventory, item->name);
  ST_TRY_STATUS(game.RequireItems(c.player, held, c.what));
  const std::int64_t left = held - c.what.quantity;
  return Decision{Success(JsonObject()
                              .Text("player", c.player)
                              .Text("item", item->name)
                              .Number("used", c.what.quantity)
                              .Number("left", left)
                              .Take()),
                  {ItemUsed{c.player, item->name, c.what.quantity, left}}};
}

OrRefusal<Decision> DecideCommand(const Guards& game, const SellItem& c) {
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  ST_TRY(const auto* item, game.ItemOf(c.what.item));
  if (!item->sell_price) {
    return Refused("not_sellable", "The shop does not take \"{}\" back.", item->name);
  }
  const std::int64_t held = game.CountOf(player->inventory, item->name);
  ST_TRY_STATUS(game.RequireItems(c.player, held, c.what));
  ST_TRY(const auto total, game.Sum(*item->sell_price, c.what.quantity));
  ST_TRY_STATUS(game.RequireRoomInWallet(c.player, player->coins, total));
  const std::int64_t balance = player->coins + total;
  return Decision{
      Success(JsonObject()
                  .Text("player", c.player)
                  .Text("item", item->name)
                  .Number("sold", c.what.quantity)
                  .Number("total", total)
                  .Number("left", held - c.what.quantity)
                  .Number("coins", balance)
                  .Take()),
      {ItemSold{c.player, item->name, c.what.quantity, *item->sell_price, total, balance}}};
}

OrRefusal<Decision> DecideCommand(const Guards& game, const Trade& c) {
  ST_TRY_STATUS(CheckSide(game, c.first, c.second));
  ST_TRY_STATUS(CheckSide(game, c.second, c.first));
  const auto trade_id = static_cast<std::int64_t>(game.state().totals().trades + 1);
  Decision decision;
  decision.events.emplace_back(
      Traded{trade_id, c.first.player, c.second.player, c.first.coins, c.second.coins});
  for (const auto& [from, to] : {std::pair(&c.first, &c.second), std::pair(&c.second, &c.first)}) {
    for (const auto& what : from->items) {
      decision.events.emplace_back(
          ItemTraded{trade_id, from->player, to->player, what.item, what.quantity});
    }
  }
  const auto coins_of = [&game](const TradeSide& gives, const TradeSide& takes) {
    return game.state().FindPlayer(gives.player)->coins - gives.coins + takes.coins;
  };
  const auto side = [](const std::string& player, std::int64_t coins) {
    return JsonObject().Text("player", player).Number("coins", coins).Take();
  };
  JsonList sides;
  sides.Add(side(c.first.player, coins_of(c.first, c.second)));
  sides.Add(side(c.second.player, coins_of(c.second, c.first)));
  decision.reply =
      Success(JsonObject().Number("trade_id", trade_id).Raw("players", sides.Take()).Take());
  return decision;
}

}  // namespace st::game
