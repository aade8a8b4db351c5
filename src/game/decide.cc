#include "game/decide.h"

#include "base/problem.h"
#include "game/json_writer.h"
#include "game/judge.h"

namespace st::game {
namespace {

std::string WalletBody(const std::string& player, std::int64_t coins) {
  return JsonObject().Text("player", player).Number("coins", coins).Take();
}

}  // namespace

Reply Refusal(int status, std::string_view code, std::string_view detail) {
  Reply reply;
  reply.status = status;
  reply.code = code;
  reply.content_type = kProblemType;
  reply.body = ProblemJson({.status = status, .code = code, .detail = detail});
  return reply;
}

Decision Decide(const Catalogue& catalogue, const State& state, const Command& command) {
  auto decided = std::visit(Judge(catalogue, state), command);
  if (decided) return std::move(*decided);
  return {.reply = std::move(decided.error()), .events = {}};
}

Ruled<Decision> Judge::operator()(const CreatePlayer& c) const {
  if (state_.players().Find(c.player)) {
    return Refused("player_exists", "There is a player \"{}\" already.", c.player);
  }
  ST_TRY(auto guest, GuestOf(c.player));
  return Decision{Done(JsonObject()
                           .Text("player", c.player)
                           .Number("coins", guest.coins)
                           .Raw("guild", "null")
                           .Take(),
                       201),
                  std::move(guest.events)};
}

Ruled<Decision> Judge::operator()(const GrantCoins& c) const {
  ST_TRY(const auto* player, PlayerOf(c.player));
  ST_TRY_STATUS(RequireRoomInWallet(c.player, player->coins, c.amount));
  const std::int64_t balance = player->coins + c.amount;
  return Decision{Done(WalletBody(c.player, balance)),
                  {CoinsGranted{c.player, c.amount, balance, c.reason}}};
}

Ruled<Decision> Judge::operator()(const SpendCoins& c) const {
  ST_TRY(const auto* player, PlayerOf(c.player));
  ST_TRY_STATUS(RequireCoins(c.player, player->coins, c.amount));
  const std::int64_t balance = player->coins - c.amount;
  return Decision{Done(WalletBody(c.player, balance)),
                  {CoinsSpent{c.player, c.amount, balance, c.reason}}};
}

Ruled<Decision> Judge::operator()(const AddToCart& c) const {
  return SetCart(c.player, c.what, true);
}
Ruled<Decision> Judge::operator()(const ChangeCart& c) const {
  return SetCart(c.player, c.what, false);
}

Ruled<Decision> Judge::SetCart(const std::string& id, const ItemCount& what, bool is_added) const {
  ST_TRY(const auto* player, PlayerOf(id));
  ST_TRY_STATUS(ItemOf(what.item));
  ST_TRY_STATUS(RequireNumber(what.item));
  const std::int64_t before = CountOf(player->cart, what.item);
  const std::int64_t after = what.quantity + (is_added ? before : 0);
  if (after > kMaxQuantity) {
    return Refused("cart_full", "A cart takes at most {} of one item.", kMaxQuantity);
  }
  if (before == 0 && player->cart.all().size() >= kMaxCartItems) {
    return Refused("cart_full", "A cart takes at most {} different items.", kMaxCartItems);
  }
  Decision decision{
      Done(JsonObject().Text("player", id).Text("item", what.item).Number("in_cart", after).Take(),
           before == 0 ? 201 : 200),
      {}};
  if (is_added) {
    decision.events.emplace_back(CartAdded{id, what.item, what.quantity, after});
  } else {
    decision.events.emplace_back(CartChanged{id, what.item, after});
  }
  return decision;
}

Ruled<Decision> Judge::operator()(const RemoveFromCart& c) const {
  ST_TRY(const auto* player, PlayerOf(c.player));
  JsonObject body;
  body.Text("player", c.player);
  if (c.item) body.Text("item", *c.item);
  Decision decision{Done(body.Number("in_cart", 0).Take()), {}};
  if (c.item) {
    if (CountOf(player->cart, *c.item) == 0) {
      return NotThere("not_in_cart", fmt::format("\"{}\" is not in the cart.", *c.item));
    }
    decision.events.emplace_back(CartRemoved{c.player, *c.item});
    return decision;
  }
  for (const Stack& stack : player->cart.all()) {
    decision.events.emplace_back(CartRemoved{c.player, std::string(state_.items().At(stack.item))});
  }
  if (decision.events.empty()) return Refused("cart_empty", "The cart is empty.");
  return decision;
}

Ruled<Decision> Judge::operator()(const CreateGuild& c) const {
  ST_TRY(const auto* player, PlayerOf(c.player));
  if (state_.guilds().Find(c.guild)) {
    return Refused("guild_exists", "There is a guild \"{}\" already.", c.guild);
  }
  if (state_.guilds().size() >= kMaxGuilds) {
    return Refused("too_many_guilds", "There are {} guilds, and no more are taken.", kMaxGuilds);
  }
  if (player->guild != kNoGuild) {
    return Refused("in_a_guild", "\"{}\" is in guild \"{}\": leave it first.", c.player,
                   state_.guilds().At(player->guild));
  }
  return Decision{
      Done(
          JsonObject().Text("guild", c.guild).Text("founder", c.player).Number("members", 1).Take(),
          201),
      {GuildCreated{c.guild, c.player}, GuildJoined{c.guild, c.player, 1}}};
}

Ruled<Decision> Judge::operator()(const JoinGuild& c) const {
  ST_TRY(const auto guild, GuildOf(c.guild));
  ST_TRY(const auto* player, PlayerOf(c.player));
  if (player->guild != kNoGuild) {
    return Refused("in_a_guild", "\"{}\" is in guild \"{}\": leave it first.", c.player,
                   state_.guilds().At(player->guild));
  }
  const std::int64_t members = MembersOf(guild);
  if (members >= catalogue_.guild_members) {
    return Refused("guild_full", "Guild \"{}\" has {} members, and no more are taken.", c.guild,
                   members);
  }
  return Decision{Done(JsonObject()
                           .Text("guild", c.guild)
                           .Text("player", c.player)
                           .Number("members", members + 1)
                           .Take(),
                       201),
                  {GuildJoined{c.guild, c.player, members + 1}}};
}

Ruled<Decision> Judge::operator()(const LeaveGuild& c) const {
  ST_TRY(const auto guild, GuildOf(c.guild));
  ST_TRY(const auto* player, PlayerOf(c.player));
  if (player->guild != guild) {
    return NotThere("not_a_member",
                    fmt::format("\"{}\" is not in guild \"{}\".", c.player, c.guild));
  }
  const std::int64_t members = MembersOf(guild) - 1;
  return Decision{Done(JsonObject()
                           .Text("guild", c.guild)
                           .Text("player", c.player)
                           .Number("members", members)
                           .Take()),
                  {GuildLeft{c.guild, c.player, members}}};
}

}  // namespace st::game
