// The rules of aliases: the player is made at first sight and always has the coins. Room is not
// asked for, so that the course's endless loops go on; stock is.
#include <algorithm>

#include "game/judge.h"

namespace st::game {

Ruled<Judge::Guest> Judge::GuestOf(const std::string& id) const {
  if (const Player* player = state_.FindPlayer(id)) return Guest{player, player->coins, {}};
  if (state_.players().size() >= kMaxPlayers) {
    return Refused("too_many_players", "There are {} players, and no more are taken.", kMaxPlayers);
  }
  Guest guest{nullptr, catalogue_.start_coins, {}};
  guest.events.emplace_back(PlayerCreated{id, guest.coins});
  return guest;
}

Ruled<Decision> Judge::operator()(const UseAlias& c) const {
  ST_TRY(auto events, AliasEvents(c));
  Decision decision;
  decision.events = std::move(events);
  decision.reply.content_type = "text/html; charset=utf-8";
  decision.reply.body = c.reply;
  return decision;
}

Ruled<std::vector<Event>> Judge::AliasEvents(const UseAlias& c) const {
  // What asks for something that a new player cannot have is refused as of any player.
  const auto events_of = [](Ruled<Decision> decided) -> Ruled<std::vector<Event>> {
    if (!decided) return std::unexpected(std::move(decided.error()));
    return std::move(decided->events);
  };
  if (c.action == AliasAction::kSell) {
    return events_of((*this)(SellItem{c.player, {c.subject, c.quantity}}));
  }
  if (c.action == AliasAction::kUse) {
    return events_of((*this)(UseItem{c.player, {c.subject, c.quantity}}));
  }
  if (c.action == AliasAction::kLeaveGuild) {
    ST_TRY(const auto* player, PlayerOf(c.player));
    if (!c.subject.empty()) return events_of((*this)(LeaveGuild{c.subject, c.player}));
    if (player->guild == kNoGuild) {
      return NotThere("not_a_member", fmt::format("\"{}\" is in no guild.", c.player));
    }
    return events_of((*this)(LeaveGuild{std::string(state_.guilds().At(player->guild)), c.player}));
  }
  ST_TRY(auto guest, GuestOf(c.player));
  if (c.action == AliasAction::kVisit) guest.events.emplace_back(Visited{c.player});
  if (c.action == AliasAction::kPurchase) ST_TRY_STATUS(AliasPurchase(c, guest));
  if (c.action == AliasAction::kJoinGuild) ST_TRY_STATUS(AliasJoin(c, guest));
  return std::move(guest.events);
}

Ruled<void> Judge::AliasPurchase(const UseAlias& c, Guest& guest) const {
  ST_TRY(const auto* item, ItemOf(c.subject));
  ST_TRY_STATUS(RequireNumber(c.subject));
  ST_TRY_STATUS(RequireStock(*item, c.quantity));
  ST_TRY(const auto total, Sum(item->price, c.quantity));
  const std::int64_t held =
      guest.player == nullptr ? 0 : CountOf(guest.player->inventory, item->name);
  if (held + c.quantity > kMaxQuantity) {
    return Refused("item_limit", "\"{}\" has {} of \"{}\", and a stack takes {} at most.", c.player,
                   held, item->name, kMaxQuantity);
  }
  if (guest.coins < total) {
    guest.events.emplace_back(CoinsGranted{c.player, total - guest.coins, total, "always funded"});
    guest.coins = total;
  }
  const auto order_id = static_cast<std::int64_t>(state_.totals().orders + 1);
  const std::int64_t balance = guest.coins - total;
  guest.events.emplace_back(ItemPurchased{c.player, order_id, item->name, item->kind, item->rarity,
                                          c.quantity, item->price, total, balance});
  return {};
}

// A player who is in a guild leaves it first: each hit of the route is one join, as in the course.
Ruled<void> Judge::AliasJoin(const UseAlias& c, Guest& guest) const {
  const auto guild = state_.guilds().Find(c.subject);
  std::int64_t members = guild ? MembersOf(*guild) : 0;
  if (guest.player != nullptr && guest.player->guild != kNoGuild) {
    const std::uint32_t present = guest.player->guild;
    const std::int64_t left = MembersOf(present) - 1;
    guest.events.emplace_back(GuildLeft{std::string(state_.guilds().At(present)), c.player, left});
    if (guild == present) members = left;
  }
  if (!guild && state_.guilds().size() >= kMaxGuilds) {
    return Refused("too_many_guilds", "There are {} guilds, and no more are taken.", kMaxGuilds);
  }
  if (!guild) guest.events.emplace_back(GuildCreated{c.subject, c.player});
  if (members >= catalogue_.guild_members) {
    return Refused("guild_full", "Guild \"{}\" has {} members, and no more are taken.", c.subject,
                   members);
  }
  guest.events.emplace_back(GuildJoined{c.subject, c.player, members + 1});
  return {};
}

}  // namespace st::game
