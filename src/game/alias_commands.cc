#include "game/alias_commands.h"

#include <utility>
#include <vector>

#include "game/guild_commands.h"
#include "game/item_commands.h"

namespace st::game {
namespace {

// The player of an alias: an existing one, or one that the alias creates; and the alias's events.
struct AliasPlayer {
  const Player* player = nullptr;  // nullptr: the alias creates the player
  std::int64_t coins = 0;
  std::vector<Event> events;
};

OrRefusal<AliasPlayer> FindOrCreatePlayer(const Guards& game, const std::string& id) {
  if (const Player* player = game.state().FindPlayer(id)) {
    return AliasPlayer{.player = player, .coins = player->coins, .events = {}};
  }
  ST_TRY_STATUS(game.RequireRoomForPlayer());
  AliasPlayer created{.player = nullptr, .coins = game.catalogue().start_coins, .events = {}};
  created.events.emplace_back(PlayerCreated{id, created.coins});
  return created;
}

OrRefusal<void> Purchase(const Guards& game, const UseAlias& c, AliasPlayer& who) {
  ST_TRY(const auto* item, game.ItemOf(c.subject));
  ST_TRY_STATUS(game.RequireRoomForItem(c.subject));
  ST_TRY_STATUS(game.RequireStock(*item, c.quantity));
  ST_TRY(const auto total, game.Sum(item->price, c.quantity));
  const std::int64_t held =
      who.player == nullptr ? 0 : game.CountOf(who.player->inventory, item->name);
  if (held + c.quantity > kMaxQuantity) {
    return Refused("item_limit", "\"{}\" has {} of \"{}\", and a stack takes {} at most.", c.player,
                   held, item->name, kMaxQuantity);
  }
  if (who.coins < total) {
    who.events.emplace_back(CoinsGranted{c.player, total - who.coins, total, "always funded"});
    who.coins = total;
  }
  const auto order_id = static_cast<std::int64_t>(game.state().totals().orders + 1);
  const std::int64_t balance = who.coins - total;
  who.events.emplace_back(ItemPurchased{c.player, order_id, item->name, item->kind, item->rarity,
                                        c.quantity, item->price, total, balance});
  return {};
}

// A player who is in a guild leaves it first: each request of the route is one join, as in the
// course.
OrRefusal<void> Join(const Guards& game, const UseAlias& c, AliasPlayer& who) {
  const auto guild = game.state().guilds().Find(c.subject);
  std::int64_t members = guild ? game.MembersOf(*guild) : 0;
  if (who.player != nullptr && who.player->guild != kNoGuild) {
    const std::uint32_t present = who.player->guild;
    const std::int64_t left = game.MembersOf(present) - 1;
    who.events.emplace_back(
        GuildLeft{std::string(game.state().guilds().At(present)), c.player, left});
    if (guild == present) members = left;
  }
  if (!guild) {
    ST_TRY_STATUS(game.RequireRoomForGuild());
    who.events.emplace_back(GuildCreated{c.subject, c.player});
  }
  ST_TRY_STATUS(game.RequireRoomInGuild(c.subject, members));
  who.events.emplace_back(GuildJoined{c.subject, c.player, members + 1});
  return {};
}

OrRefusal<Decision> Leave(const Guards& game, const UseAlias& c) {
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  if (!c.subject.empty()) return DecideCommand(game, LeaveGuild{c.subject, c.player});
  if (player->guild == kNoGuild) {
    return NotFound("not_a_member", "\"{}\" is in no guild.", c.player);
  }
  const std::string present(game.state().guilds().At(player->guild));
  return DecideCommand(game, LeaveGuild{present, c.player});
}

OrRefusal<std::vector<Event>> EventsOf(OrRefusal<Decision> decided) {
  if (!decided) return std::unexpected(std::move(decided.error()));
  return std::move(decided->events);
}

OrRefusal<std::vector<Event>> AliasEvents(const Guards& game, const UseAlias& c) {
  switch (c.action) {
    // A player who does not exist has no items and no guild: these are refused as any command.
    case AliasAction::kSell:
      return EventsOf(DecideCommand(game, SellItem{c.player, {c.subject, c.quantity}}));
    case AliasAction::kUse:
      return EventsOf(DecideCommand(game, UseItem{c.player, {c.subject, c.quantity}}));
    case AliasAction::kLeaveGuild:
      return EventsOf(Leave(game, c));
    case AliasAction::kVisit:
    case AliasAction::kPurchase:
    case AliasAction::kJoinGuild:
      break;
  }
  ST_TRY(auto who, FindOrCreatePlayer(game, c.player));
  if (c.action == AliasAction::kVisit) who.events.emplace_back(Visited{c.player});
  if (c.action == AliasAction::kPurchase) ST_TRY_STATUS(Purchase(game, c, who));
  if (c.action == AliasAction::kJoinGuild) ST_TRY_STATUS(Join(game, c, who));
  return std::move(who.events);
}

}  // namespace

OrRefusal<Decision> DecideCommand(const Guards& game, const UseAlias& c) {
  ST_TRY(auto events, AliasEvents(game, c));
  Decision decision;
  decision.events = std::move(events);
  decision.reply.content_type = "text/html; charset=utf-8";
  decision.reply.body = c.reply;
  return decision;
}

}  // namespace st::game
