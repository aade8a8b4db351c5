#include "game/player_commands.h"

#include "game/json_writer.h"

namespace st::game {
namespace {

std::string WalletBody(const std::string& player, std::int64_t coins) {
  return JsonObject().Text("player", player).Number("coins", coins).Take();
}

}  // namespace

OrRefusal<Decision> DecideCommand(const Guards& game, const CreatePlayer& c) {
  if (game.state().players().Find(c.player)) {
    return Refused("player_exists", "There is a player \"{}\" already.", c.player);
  }
  ST_TRY_STATUS(game.RequireRoomForPlayer());
  const std::int64_t coins = game.catalogue().start_coins;
  return Decision{
      Success(
          JsonObject().Text("player", c.player).Number("coins", coins).Raw("guild", "null").Take(),
          201),
      {PlayerCreated{c.player, coins}}};
}

OrRefusal<Decision> DecideCommand(const Guards& game, const GrantCoins& c) {
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  ST_TRY_STATUS(game.RequireRoomInWallet(c.player, player->coins, c.amount));
  const std::int64_t balance = player->coins + c.amount;
  return Decision{Success(WalletBody(c.player, balance)),
                  {CoinsGranted{c.player, c.amount, balance, c.reason}}};
}

OrRefusal<Decision> DecideCommand(const Guards& game, const SpendCoins& c) {
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  ST_TRY_STATUS(game.RequireCoins(c.player, player->coins, c.amount));
  const std::int64_t balance = player->coins - c.amount;
  return Decision{Success(WalletBody(c.player, balance)),
                  {CoinsSpent{c.player, c.amount, balance, c.reason}}};
}

}  // namespace st::game
