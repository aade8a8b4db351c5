#include "game/state.h"

#include "game/testing.h"

namespace st::game {
namespace {

using testing::ChunksOf;
using testing::Game;
using testing::Restore;

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
    EXPECT_EQ(ChunksOf(*game.state), chunks) << EncodeEvent(event);
  }
  const auto after = Restore(ChunksOf(*game.state));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ((*after)->totals(), game.state->totals());
  EXPECT_EQ((*after)->FindPlayer("alice")->coins, 100);
  EXPECT_TRUE((*after)->FindPlayer("alice")->inventory.all().empty());
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
