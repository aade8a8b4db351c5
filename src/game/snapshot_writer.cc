#include "game/snapshot_writer.h"

#include <algorithm>
#include <utility>

#include "game/snapshot_chunk.h"

namespace st::game {
namespace {

void AppendStacks(std::string& out, const Stacks& stacks) {
  AppendVarint(out, stacks.all().size());
  std::uint32_t last = 0;
  for (const Stack& stack : stacks.all()) {
    AppendVarint(out, stack.item - last);
    AppendVarint(out, stack.count);
    last = stack.item;
  }
}

std::string HeadChunk(const State& state) {
  std::string out;
  const Totals& totals = state.totals();
  for (const auto number :
       {totals.granted, totals.spent, totals.paid, totals.earned, totals.orders, totals.trades}) {
    AppendVarint(out, number);
  }
  AppendVarint(out, state.players().size());
  AppendVarint(out, state.guilds().size());
  AppendVarint(out, state.items().size());
  for (std::uint32_t i = 0; i < state.items().size(); ++i) {
    AppendText(out, state.items().At(i));
    const ItemTotals item = state.item(state.items().At(i));
    for (const auto number : {item.bought, item.sold, item.used}) AppendVarint(out, number);
  }
  return FrameChunk(ChunkKind::kHead, out);
}

}  // namespace

SnapshotWriter::SnapshotWriter(State& state)
    : state_(state),
      players_(state.players().size()),
      guilds_(state.guilds().size()),
      is_encoded_(state.contents().blocks.size()) {
  chunks_.push_back(HeadChunk(state));
  state.Observe(this);
}

SnapshotWriter::~SnapshotWriter() { state_.Observe(nullptr); }

void SnapshotWriter::BeforeChange(std::uint32_t block) {
  if (block < is_encoded_.size() && !is_encoded_[block]) chunks_.push_back(PlayersChunk(block));
}

bool SnapshotWriter::Next(std::string& chunk) {
  if (chunks_.empty() && next_guild_ < guilds_) chunks_.push_back(GuildsChunk());
  while (chunks_.empty() && next_block_ < is_encoded_.size()) BeforeChange(next_block_++);
  if (chunks_.empty() && !is_ended_) {
    is_ended_ = true;
    std::string out;
    AppendVarint(out, given_);
    chunks_.push_back(FrameChunk(ChunkKind::kEnd, out));
  }
  if (chunks_.empty()) return false;
  chunk = std::move(chunks_.front());
  chunks_.pop_front();
  ++given_;
  return true;
}

std::string SnapshotWriter::PlayersChunk(std::uint32_t block) {
  is_encoded_[block] = true;
  std::string out;
  AppendVarint(out, block);
  const std::uint32_t first = block * kPlayersPerChunk;
  const std::uint32_t end = std::min(first + kPlayersPerChunk, players_);
  for (std::uint32_t i = first; i < end; ++i) {
    const Player& player = state_.player(i);
    AppendText(out, state_.players().At(i));
    AppendVarint(out, static_cast<std::uint64_t>(player.coins));
    // The guild's number from 1; 0: none.
    AppendVarint(out, player.guild == kNoGuild ? 0 : std::uint64_t{player.guild} + 1);
    AppendStacks(out, player.inventory);
    AppendStacks(out, player.cart);
  }
  return FrameChunk(ChunkKind::kPlayers, out);
}

// A guild's name and founder never change; its members follow from the players' chunks.
std::string SnapshotWriter::GuildsChunk() {
  std::string out;
  const std::uint32_t end = std::min(next_guild_ + kGuildsPerChunk, guilds_);
  AppendVarint(out, next_guild_);
  AppendVarint(out, end - next_guild_);
  for (; next_guild_ < end; ++next_guild_) {
    AppendText(out, state_.guilds().At(next_guild_));
    AppendVarint(out, state_.guild(next_guild_).founder);
  }
  return FrameChunk(ChunkKind::kGuilds, out);
}

}  // namespace st::game
