#include "game/guild_commands.h"

#include "game/json_writer.h"

namespace st::game {

OrRefusal<Decision> DecideCommand(const Guards& game, const CreateGuild& c) {
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  if (game.state().guilds().Find(c.guild)) {
    return Refused("guild_exists", "There is a guild \"{}\" already.", c.guild);
  }
  ST_TRY_STATUS(game.RequireRoomForGuild());
  ST_TRY_STATUS(game.RequireNoGuild(c.player, *player));
  return Decision{
      Success(
          JsonObject().Text("guild", c.guild).Text("founder", c.player).Number("members", 1).Take(),
          201),
      {GuildCreated{c.guild, c.player}, GuildJoined{c.guild, c.player, 1}}};
}

OrRefusal<Decision> DecideCommand(const Guards& game, const JoinGuild& c) {
  ST_TRY(const auto guild, game.GuildOf(c.guild));
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  ST_TRY_STATUS(game.RequireNoGuild(c.player, *player));
  const std::int64_t members = game.MembersOf(guild);
  ST_TRY_STATUS(game.RequireRoomInGuild(c.guild, members));
  return Decision{Success(JsonObject()
                              .Text("guild", c.guild)
                              .Text("player", c.player)
                              .Number("members", members + 1)
                              .Take(),
                          201),
                  {GuildJoined{c.guild, c.player, members + 1}}};
}

OrRefusal<Decision> DecideCommand(const Guards& game, const LeaveGuild& c) {
  ST_TRY(const auto guild, game.GuildOf(c.guild));
  ST_TRY(const auto* player, game.PlayerOf(c.player));
  if (player->guild != guild) {
    return NotFound("not_a_member", "\"{}\" is not in guild \"{}\".", c.player, c.guild);
  }
  const std::int64_t members = game.MembersOf(guild) - 1;
  return Decision{Success(JsonObject()
                              .Text("guild", c.guild)
                              .Text("player", c.player)
                              .Number("members", members)
                              .Take()),
                  {GuildLeft{c.guild, c.player, members}}};
}

}  // namespace st::game
