#include "game/state.h"

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

TEST(State, RefusesAnEventThatDoesNotFit) {
  Game game;
  game.Do(CreatePlayer{"alice"});
  game.Do(CreatePlayer{"bob"});
  game.Do(CreateGuild{"Owls", "alice"});
  const auto chunks = ChunksOf(*game.state);
  const std::vector<Event> wrong = {
      PlayerCreated{"alice", 1},
      CoinsGranted{"carol", 1, 1, {}},
      CoinsGranted{"alice", kMaxCoins, 1, {}},
      CoinsSpent{"alice", 101, 0, {}},
      CartAdded{"carol", "sword", 1, 1},
      CartChanged{"alice", "sword", kMaxQuantity + 1},
      ItemPurchased{"alice", 1, "sword", "weapon", "common", 1, 101, 101, 0},
      ItemPurchased{"alice", 1, "sword", "weapon", "common", kMaxQuantity + 1, 0, 0, 0},
      ItemUsed{"alice", "sword", 1, 0},
      ItemSold{"alice", "sword", 1, 1, 1, 1},
      Traded{1, "alice", "alice", 0, 0},
      Traded{1, "alice", "bob", 0, 101},
      ItemTraded{1, "alice", "bob", "sword", 1},
      GuildCreated{"Owls", "bob"},
      GuildJoined{"Owls", "alice", 2},
      GuildJoined{"Cats", "bob", 1},
      GuildLeft{"Owls", "bob", 0},
      CheckedOut{"carol", 1, 1, 1, 1},
      Visited{"carol"},
  };
  for (const auto& event : wrong) {
    const auto applied = game.state->Apply(event);
    ASSERT_FALSE(applied.has_value()) << EncodeEvent(event);
    EXPECT_EQ(applied.error().code(), ErrorCode::kCorruption);
  }
  const auto after = Restore(ChunksOf(*game.state));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ((*after)->totals(), game.state->totals());
  EXPECT_EQ((*after)->FindPlayer("alice")->coins, 100);
  EXPECT_TRUE((*after)->FindPlayer("alice")->inventory.all().empty());
}

TEST(State, IsTheSameAfterASnapshot) {
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

TEST(State, ASnapshotShowsTheMomentItBegan) {
  Game game;
  Fill(game, 2500);
  auto want = ChunksOf(*game.state);
  game.state->BeginSnapshot();
  std::vector<std::string> chunks(1);
  ASSERT_TRUE(game.state->NextChunk(chunks[0]));
  // Changes before, in and behind the block that comes next; new players, items and guilds.
  game.Do(GrantCoins{"user2400", 5, {}});
  game.Do(AddToCart{"user1", {"crown", 1}});
  game.Do(CreatePlayer{"late"});
  game.Do(CreateGuild{"Late", "late"});
  game.Do(UseAlias{AliasAction::kJoinGuild, "user2", "Late", 1, ""});
  for (std::string chunk; game.state->NextChunk(chunk);) {
    chunks.push_back(chunk);
    game.Do(GrantCoins{"user0", 1, {}});
    game.Do(GrantCoins{"user1500", 1, {}});
  }
  EXPECT_EQ(chunks.size(), want.size());
  std::ranges::sort(chunks);
  std::ranges::sort(want);
  EXPECT_EQ(chunks, want);
}

TEST(State, AnEmptyStateHasASnapshot) {
  State state(1);
  const auto restored = Restore(ChunksOf(state));
  ASSERT_TRUE(restored.has_value());
  EXPECT_EQ((*restored)->players().size(), 0U);
}

TEST(StateReader, RefusesEachCutAndEachFlippedByte) {
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

TEST(StateReader, RefusesChunksThatAreMissingDoubledOrInDisorder) {
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

TEST(Stacks, KeepTheirItemsInOrder) {
  Stacks stacks;
  for (const std::uint32_t item : {7U, 3U, 9U, 1U, 5U}) stacks.Set(item, item * 10);
  stacks.Set(3, 0);
  stacks.Set(4, 0);
  stacks.Set(9, 91);
  EXPECT_EQ(std::vector<Stack>(stacks.all().begin(), stacks.all().end()),
            (std::vector<Stack>{{1, 10}, {5, 50}, {7, 70}, {9, 91}}));
  EXPECT_EQ(stacks.Count(3), 0U);
  EXPECT_EQ(stacks.Count(5), 50U);
  EXPECT_EQ(stacks.Total(), 221U);
  for (const std::uint32_t item : {1U, 5U, 7U, 9U}) stacks.Set(item, 0);
  EXPECT_TRUE(stacks.all().empty());
}

TEST(Names, FindEachOfMany) {
  Names names(7);
  EXPECT_FALSE(names.Find("0").has_value());
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    EXPECT_EQ(names.Add(std::to_string(i) + std::string(i % 200, 'x')), i);
  }
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const std::string name = std::to_string(i) + std::string(i % 200, 'x');
    EXPECT_EQ(names.Find(name), i);
    EXPECT_EQ(names.At(i), name);
  }
  EXPECT_FALSE(names.Find("20000").has_value());
}

}  // namespace
}  // namespace st::game
