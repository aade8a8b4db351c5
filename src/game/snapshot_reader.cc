#include "game/snapshot_reader.h"

#include <algorithm>
#include <utility>

#include "game/command.h"
#include "game/limits.h"

namespace st::game {
namespace {

std::unexpected<Error> Damaged(std::string_view why) {
  return Fail(ErrorCode::kCorruption, "game snapshot: {}", why);
}

}  // namespace

Status SnapshotReader::Add(std::string_view bytes) {
  ST_TRY(const auto chunk, ParseChunk(bytes));
  if (is_ended_) return Damaged("chunks after the end");
  ByteReader in(chunk.payload);
  ST_TRY_STATUS(AddPayload(chunk.kind, in));
  if (!in.is_at_end()) return Damaged("a chunk is malformed");
  ++chunks_;
  return {};
}

Status SnapshotReader::AddPayload(ChunkKind kind, ByteReader& in) {
  if ((kind == ChunkKind::kHead) == is_begun_) return Damaged("chunks in disorder");
  is_begun_ = true;
  switch (kind) {
    case ChunkKind::kHead:
      return AddHead(in);
    case ChunkKind::kGuilds:
      return AddGuilds(in);
    case ChunkKind::kPlayers:
      return AddPlayers(in);
    case ChunkKind::kEnd:
      is_ended_ = true;
      if (in.Varint() != chunks_) return Damaged("chunks are missing");
      return {};
  }
  return Damaged("a chunk of unknown kind");
}

Status SnapshotReader::AddHead(ByteReader& in) {
  Totals& totals = contents_.totals;
  for (auto* number : {&totals.granted, &totals.spent, &totals.paid, &totals.earned, &totals.orders,
                       &totals.trades}) {
    *number = in.Varint();
  }
  players_ = ReadNumber(in, kMaxPlayers);
  guilds_ = ReadNumber(in, kMaxGuilds);
  const std::uint32_t items = ReadNumber(in, kMaxItems);
  for (std::uint32_t i = 0; i < items && in.ok(); ++i) {
    const auto name = ReadText(in);
    if (!CheckItemName(name) || contents_.item_names.Find(name)) return Damaged("a bad item");
    ItemTotals& item = contents_.item_totals[contents_.AddItem(name)];
    for (auto* number : {&item.bought, &item.sold, &item.used}) *number = in.Varint();
  }
  return {};
}

Status SnapshotReader::AddGuilds(ByteReader& in) {
  const std::uint32_t first = ReadNumber(in, kMaxGuilds);
  const std::uint32_t count = ReadNumber(in, kGuildsPerChunk);
  if (first != contents_.guild_names.size() || count > guilds_ - first) {
    return Damaged("guilds in disorder");
  }
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    const auto name = ReadText(in);
    if (!CheckGuildName(name) || contents_.guild_names.Find(name)) return Damaged("a bad guild");
    const std::uint32_t founder = ReadNumber(in, kMaxPlayers);
    if (founder >= players_) return Damaged("a guild without founder");
    contents_.AddGuild(name, founder);
  }
  return {};
}

Status SnapshotReader::AddPlayers(ByteReader& in) {
  const std::uint32_t number = ReadNumber(in, kMaxPlayers / kPlayersPerChunk);
  const std::uint64_t first = std::uint64_t{number} * kPlayersPerChunk;
  if (first >= players_) return Damaged("players beyond the last");
  if (blocks_.size() <= number) blocks_.resize(std::size_t{number} + 1);
  Block& block = blocks_[number];
  if (block.players != nullptr) return Damaged("players twice");
  const auto count =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(kPlayersPerChunk, players_ - first));
  block.players = std::make_unique<PlayerBlock>(kPlayersPerChunk);
  block.names.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    ST_TRY_STATUS(ReadPlayer(in, block.names[i], (*block.players)[i]));
  }
  return {};
}

Status SnapshotReader::ReadPlayer(ByteReader& in, std::string& name, Player& player) const {
  name = ReadText(in);
  if (!CheckPlayerId(name)) return Damaged("a bad player");
  const std::uint64_t coins = in.Varint();
  if (coins > static_cast<std::uint64_t>(kMaxCoins)) return Damaged("a wallet is too full");
  player.coins = static_cast<std::int64_t>(coins);
  player.guild = ReadNumber(in, guilds_) - 1;  // 0 becomes kNoGuild
  ST_TRY_STATUS(ReadStacks(in, player.inventory));
  return ReadStacks(in, player.cart);
}

Status SnapshotReader::ReadStacks(ByteReader& in, Stacks& stacks) const {
  const std::uint32_t items = contents_.item_names.size();
  const std::uint32_t count = ReadNumber(in, items);
  stacks.Reserve(count);
  std::uint64_t item = 0;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    const std::uint64_t step = in.Varint();
    item += step;
    const std::uint32_t held = ReadNumber(in, static_cast<std::uint32_t>(kMaxQuantity));
    if (step > items || item >= items || (step == 0 && i != 0) || held == 0) {
      return Damaged("a bad stack");
    }
    stacks.Set(static_cast<std::uint32_t>(item), held);
  }
  return {};
}

Result<std::unique_ptr<State>> SnapshotReader::Finish() {
  if (!is_ended_) return Damaged("its end is missing");
  if (contents_.guild_names.size() != guilds_) return Damaged("guilds are missing");
  const std::uint64_t want = (std::uint64_t{players_} + kPlayersPerChunk - 1) / kPlayersPerChunk;
  if (blocks_.size() != want) return Damaged("players are missing");
  for (auto& block : blocks_) {
    if (block.players == nullptr) return Damaged("players are missing");
    for (const auto& name : block.names) {
      if (contents_.player_names.Find(name)) return Damaged("two players of one name");
      const std::uint32_t number = contents_.player_names.Add(name);
      const std::uint32_t guild = (*block.players)[number % kPlayersPerChunk].guild;
      if (guild != kNoGuild) ST_TRY_STATUS(AddMember(number, guild));
    }
    block.names = {};
    contents_.blocks.push_back(std::move(block.players));
  }
  return std::make_unique<State>(std::move(contents_));
}

Status SnapshotReader::AddMember(std::uint32_t player, std::uint32_t guild) {
  auto& members = contents_.guilds[guild].members;
  if (std::ssize(members) >= kMaxGuildMembers) return Damaged("a guild is too full");
  members.push_back(player);
  return {};
}

}  // namespace st::game
