// Random commands against a model that adds and subtracts; the game must agree with it.
#include <map>
#include <random>

#include "game/testing.h"

namespace st::game {
namespace {

using testing::Game;

// Coins and items in plain maps, changed by accepted commands alone.
class Model {
 public:
  void Apply(const Catalogue& rules, const Command& command) {
    std::visit([&](const auto& c) { Do(rules, c); }, command);
  }
  void Expect(const Game& game) const {
    for (const auto& [id, player] : players_) {
      ASSERT_EQ(game.CoinsOf(id), player.coins) << id;
      ASSERT_EQ(CountsOf(game, game.state->FindPlayer(id)->inventory), player.items) << id;
      ASSERT_EQ(CountsOf(game, game.state->FindPlayer(id)->cart), player.cart) << id;
      const auto guild = game.See(ReadPlayer{id}).at("guild");
      ASSERT_EQ(guild.is_null() ? "" : guild.get<std::string>(), player.guild) << id;
    }
    ASSERT_EQ(game.state->players().size(), players_.size());
  }

 private:
  using Counts = std::map<std::string, std::int64_t>;
  struct Person {
    std::int64_t coins = 0;
    Counts items;
    Counts cart;
    std::string guild;
  };

  static Counts CountsOf(const Game& game, const Stacks& stacks) {
    Counts counts;
    for (const Stack& stack : stacks.all()) {
      counts[std::string(game.state->items().At(stack.item))] = stack.count;
    }
    return counts;
  }
  static void Add(Counts& counts, const std::string& item, std::int64_t more) {
    if ((counts[item] += more) == 0) counts.erase(item);
  }
  Person& Guest(const Catalogue& rules, const std::string& id) {
    return players_.try_emplace(id, Person{rules.start_coins, {}, {}, {}}).first->second;
  }

  void Do(const Catalogue& rules, const CreatePlayer& c) { Guest(rules, c.player); }
  void Do(const Catalogue&, const GrantCoins& c) { players_[c.player].coins += c.amount; }
  void Do(const Catalogue&, const SpendCoins& c) { players_[c.player].coins -= c.amount; }
  void Do(const Catalogue&, const AddToCart& c) {
    players_[c.player].cart[c.what.item] += c.what.quantity;
  }
  void Do(const Catalogue&, const ChangeCart& c) {
    players_[c.player].cart[c.what.item] = c.what.quantity;
  }
  void Do(const Catalogue&, const RemoveFromCart& c) {
    if (c.item) players_[c.player].cart.erase(*c.item);
    if (!c.item) players_[c.player].cart.clear();
  }
  void Do(const Catalogue& rules, const Checkout& c) {
    auto& player = players_[c.player];
    for (const auto& [item, count] : player.cart) {
      player.coins -= rules.items.at(item).price * count;
      Add(player.items, item, count);
    }
    player.cart.clear();
  }
  void Do(const Catalogue&, const UseItem& c) {
    Add(players_[c.player].items, c.what.item, -c.what.quantity);
  }
  void Do(const Catalogue& rules, const SellItem& c) {
    players_[c.player].coins += *rules.items.at(c.what.item).sell_price * c.what.quantity;
    Add(players_[c.player].items, c.what.item, -c.what.quantity);
  }
  void Do(const Catalogue&, const Trade& c) {
    Give(c.first, c.second);
    Give(c.second, c.first);
  }
  void Give(const TradeSide& from, const TradeSide& to) {
    players_[from.player].coins -= from.coins;
    players_[to.player].coins += from.coins;
    for (const auto& what : from.items) {
      Add(players_[from.player].items, what.item, -what.quantity);
      Add(players_[to.player].items, what.item, what.quantity);
    }
  }
  void Do(const Catalogue&, const CreateGuild& c) { players_[c.player].guild = c.guild; }
  void Do(const Catalogue&, const JoinGuild& c) { players_[c.player].guild = c.guild; }
  void Do(const Catalogue&, const LeaveGuild& c) { players_[c.player].guild.clear(); }
  void Do(const Catalogue& rules, const UseAlias& c) {
    auto& player = Guest(rules, c.player);
    if (c.action == AliasAction::kJoinGuild) player.guild = c.subject;
    if (c.action != AliasAction::kPurchase) return;
    const std::int64_t total = rules.items.at(c.subject).price * c.quantity;
    player.coins = std::max(player.coins, total) - total;
    Add(player.items, c.subject, c.quantity);
  }

  std::map<std::string, Person> players_;
};

// Few players, items and guilds and small numbers, so that the rules accept many commands.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::int64_t Roll(std::int64_t sides) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(sides));
  }
  std::string Player() { return "user" + std::to_string(Roll(8)); }
  std::string Guild() { return "guild" + std::to_string(Roll(3)); }
  std::string Item() {
    static const std::vector<std::string> names = {"sword", "crown", "potion", "nothing"};
    return names[static_cast<std::size_t>(Roll(20) == 0 ? 3 : Roll(3))];
  }
  ItemCount What() { return {Item(), 1 + Roll(4)}; }
  TradeSide Side(const std::string& player) {
    TradeSide side{player, Roll(2) * Roll(60), {}};
    if (Roll(3) != 0) side.items.push_back(What());
    return side;
  }
  Command Next() {
    switch (Roll(15)) {
      case 0:
        return CreatePlayer{Player()};
      case 1:
        return GrantCoins{Player(), 1 + Roll(90), {}};
      case 2:
        return SpendCoins{Player(), 1 + Roll(90), "fee"};
      case 3:
      case 4:
        return AddToCart{Player(), What()};
      case 5:
        return ChangeCart{Player(), What()};
      case 6:
        return RemoveFromCart{Player(), Roll(2) == 0 ? std::optional(Item()) : std::nullopt};
      case 7:
      case 8:
        return Checkout{Player()};
      case 9:
        return UseItem{Player(), What()};
      case 10:
        return SellItem{Player(), What()};
      case 11:
        return Trade{Side(Player()), Side(Player())};
      case 12:
        return Roll(3) == 0 ? Command(CreateGuild{Guild(), Player()})
                            : Command(JoinGuild{Guild(), Player()});
      case 13:
        return LeaveGuild{Guild(), Player()};
      default:
        return Roll(2) == 0 ? UseAlias{AliasAction::kPurchase, Player(), Item(), 1 + Roll(2), ""}
                            : UseAlias{AliasAction::kJoinGuild, Player(), Guild(), 1, ""};
    }
  }

 private:
  std::mt19937_64 random_;
};

// Coins and items are conserved, and no limit is exceeded.
void ExpectSumsAreConserved(const Game& game) {
  const State& state = *game.state;
  std::uint64_t coins = 0;
  std::map<std::string_view, std::uint64_t> held;
  std::map<std::uint32_t, std::int64_t> members;
  for (std::uint32_t i = 0; i < state.players().size(); ++i) {
    const Player& player = state.player(i);
    ASSERT_GE(player.coins, 0);
    coins += static_cast<std::uint64_t>(player.coins);
    for (const Stack& stack : player.inventory.all()) {
      held[state.items().At(stack.item)] += stack.count;
    }
    if (player.guild != kNoGuild) ++members[player.guild];
  }
  const Totals& totals = state.totals();
  ASSERT_EQ(coins, totals.granted - totals.spent - totals.paid + totals.earned);
  for (const auto& [name, item] : game.catalogue.items) {
    const ItemTotals counts = state.item(name);
    ASSERT_EQ(held[name], counts.bought - counts.sold - counts.used) << name;
    if (item.stock) ASSERT_LE(counts.bought - counts.sold, static_cast<std::uint64_t>(*item.stock));
  }
  for (std::uint32_t i = 0; i < state.guilds().size(); ++i) {
    const auto& guild = state.guild(i);
    ASSERT_EQ(std::ssize(guild.members), members[i]);
    ASSERT_LE(members[i], game.catalogue.guild_members);
    ASSERT_TRUE(std::ranges::is_sorted(guild.members));
  }
}

class GameModel : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(GameModel, AgreesAfterEachCommandAndConservesSums) {
  Dice dice(GetParam());
  Game game;
  Model model;
  int accepted = 0;
  for (int i = 0; i < 1500; ++i) {
    const Command command = dice.Next();
    if (!CheckCommand(command)) continue;
    const auto reply = game.Do(command);
    if (reply.status < 400) {
      ++accepted;
      model.Apply(game.catalogue, command);
    }
    if (i % 20 == 0) {
      ASSERT_NO_FATAL_FAILURE(model.Expect(game)) << "after " << CommandName(command);
      ASSERT_NO_FATAL_FAILURE(ExpectSumsAreConserved(game)) << "after " << CommandName(command);
    }
    if (i % 300 == 0) {  // a restart
      auto restored = testing::Restore(testing::ChunksOf(*game.state));
      ASSERT_TRUE(restored.has_value()) << restored.error().message();
      game.state = std::move(*restored);
    }
  }
  EXPECT_GT(accepted, 300);
  // The fold over all payloads is the same state.
  State again(3);
  for (const auto& payload : game.events) {
    const auto event = ParseEvent(payload);
    ASSERT_TRUE(event.has_value());
    ASSERT_TRUE(again.Apply(*event).has_value());
  }
  EXPECT_EQ(testing::ChunksOf(again), testing::ChunksOf(*game.state));
}

INSTANTIATE_TEST_SUITE_P(Seeds, GameModel, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace st::game
