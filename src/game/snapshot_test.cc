#include "game/snapshot_reader.h"
#include "game/snapshot_writer.h"
#include "game/testing.h"

namespace st::game {
namespace {

using testing::ChunksOf;
using testing::Game;
using testing::Restore;

void Fill(Game& game, int players) {
  for (int i = 0; i < players; ++i) {
    const std::string id = "user" + std::to_string(i);
    game.Do(UseAlias{AliasAction::kPurchase, id, "sword", i % 3 + 1, ""});
    game.Do(AddToCart{id, {"potion", i % 5 + 1}});
    if (i % 7 == 0)
      game.Do(UseAlias{AliasAction::kJoinGuild, id, "guild" + std::to_string(i / 21), 1, ""});
  }
}

TEST(Snapshot, RestoresTheSameState) {
  Game game;
  Fill(game, 2500);
  const auto chunks = ChunksOf(*game.state);
  EXPECT_EQ(chunks.size(), 1U + 1 + 3 + 1);  // head, guilds, players, end
  auto restored = Restore(chunks);
  ASSERT_TRUE(restored.has_value()) << restored.error().message();
  EXPECT_EQ(ChunksOf(**restored), chunks);
  for (const auto* id : {"user0", "user1300", "user2499"}) {
    EXPECT_EQ(Read(game.catalogue, **restored, ReadCart{id}).body,
              Read(game.catalogue, *game.state, ReadCart{id}).body);
    EXPECT_EQ(Read(game.catalogue, **restored, ReadInventory{id}).body,
              Read(game.catalogue, *game.state, ReadInventory{id}).body);
    EXPECT_EQ(Read(game.catalogue, **restored, ReadPlayer{id}).body,
              Read(game.catalogue, *game.state, ReadPlayer{id}).body);
  }
  EXPECT_EQ(Read(game.catalogue, **restored, ReadGuildMembers{"guild3"}).body,
            Read(game.catalogue, *game.state, ReadGuildMembers{"guild3"}).body);
  EXPECT_EQ(Read(game.catalogue, **restored, ReadGuilds{"guild4", 7}).body,
            Read(game.catalogue, *game.state, ReadGuilds{"guild4", 7}).body);
}

TEST(SnapshotWriter, ShowsTheMomentAtWhichItBegan) {
  Game game;
  Fill(game, 2500);
  auto want = ChunksOf(*game.state);
  SnapshotWriter writer(*game.state);
  std::vector<std::string> chunks(1);
  ASSERT_TRUE(writer.Next(chunks[0]));
  // Changes in blocks before, at and after the next one; new players, items and guilds.
  game.Do(GrantCoins{"user2400", 5, {}});
  game.Do(AddToCart{"user1", {"crown", 1}});
  game.Do(CreatePlayer{"late"});
  game.Do(CreateGuild{"Late", "late"});
  game.Do(UseAlias{AliasAction::kJoinGuild, "user2", "Late", 1, ""});
  for (std::string chunk; writer.Next(chunk);) {
    chunks.push_back(chunk);
    game.Do(GrantCoins{"user0", 1, {}});
    game.Do(GrantCoins{"user1500", 1, {}});
  }
  EXPECT_EQ(chunks.size(), want.size());
  std::ranges::sort(chunks);
  std::ranges::sort(want);
  EXPECT_EQ(chunks, want);
}

TEST(Snapshot, RestoresAnEmptyState) {
  State state(1);
  const auto restored = Restore(ChunksOf(state));
  ASSERT_TRUE(restored.has_value());
  EXPECT_EQ((*restored)->players().size(), 0U);
}

TEST(SnapshotReader, RefusesEachTruncationAndEachFlippedByte) {
  Game game;
  Fill(game, 30);
  const auto good = ChunksOf(*game.state);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (std::size_t at = 0; at < good[i].size(); ++at) {
      auto cut = good;
      cut[i].resize(at);
      EXPECT_FALSE(Restore(cut).has_value());
      auto flipped = good;
      flipped[i][at] = static_cast<char>(flipped[i][at] ^ 1);
      EXPECT_FALSE(Restore(flipped).has_value()) << i << ":" << at;
    }
  }
}

TEST(SnapshotReader, RefusesChunksThatAreMissingDoubledOrInDisorder) {
  Game game;
  Fill(game, 2500);
  const auto good = ChunksOf(*game.state);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto missing = good;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(Restore(missing).has_value()) << i;
    auto doubled = good;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
    EXPECT_FALSE(Restore(doubled).has_value()) << i;
  }
  auto newer = good;
  newer[0][4] = 2;
  EXPECT_EQ(Restore(newer).error().code(), ErrorCode::kUnsupported);
}

TEST(SnapshotWriter, LeavesTheStateWhenItIsDropped) {
  Game game;
  Fill(game, 30);
  {
    const SnapshotWriter dropped(*game.state);
  }
  game.Do(GrantCoins{"user0", 5, {}});
  EXPECT_FALSE(ChunksOf(*game.state).empty());
}

}  // namespace
}  // namespace st::game
