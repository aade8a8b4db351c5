#include "game/decide.h"

#include "game/testing.h"

namespace st::game {
namespace {

using testing::Game;

TEST(Decide, MakesAPlayerOnce) {
  Game game;
  const auto made = game.Do(CreatePlayer{"alice"});
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body, "{\"player\": \"alice\", \"coins\": 100, \"guild\": null}\n");
  const auto again = game.Do(CreatePlayer{"alice"});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.code, "player_exists");
  EXPECT_EQ(again.content_type, "application/problem+json");
  EXPECT_EQ(game.events,
            std::vector<std::string>{
                R"({"event_type": "create_player", "player": "alice", "coins": 100})"});
}

TEST(Decide, KeepsAWalletFromZeroToItsMost) {
  Game game;
  EXPECT_EQ(game.Do(GrantCoins{"alice", 1, {}}).code, "no_player");
  game.Do(CreatePlayer{"alice"});
  EXPECT_EQ(game.Do(SpendCoins{"alice", 101, {}}).code, "insufficient_funds");
  EXPECT_EQ(game.Do(SpendCoins{"alice", 100, "fee"}).body,
            "{\"player\": \"alice\", \"coins\": 0}\n");
  EXPECT_EQ(game.Do(GrantCoins{"alice", kMaxCoins, {}}).status, 200);
  EXPECT_EQ(game.Do(GrantCoins{"alice", 1, {}}).code, "wallet_full");
  EXPECT_EQ(game.CoinsOf("alice"), kMaxCoins);
}

TEST(Decide, ChecksOutAllOrNothing) {
  Game game;
  game.Do(CreatePlayer{"alice"});
  EXPECT_EQ(game.Do(Checkout{"alice"}).code, "cart_empty");
  EXPECT_EQ(game.Do(AddToCart{"alice", {"swrod", 1}}).code, "no_item");
  EXPECT_EQ(game.Do(AddToCart{"alice", {"sword", 2}}).status, 201);
  EXPECT_EQ(game.Do(AddToCart{"alice", {"sword", 1}}).status, 200);
  EXPECT_EQ(game.Do(AddToCart{"alice", {"crown", 1}}).status, 201);
  EXPECT_EQ(game.Do(Checkout{"alice"}).code, "insufficient_funds");  // 3 * 30 + 50
  EXPECT_EQ(game.CoinsOf("alice"), 100);
  EXPECT_EQ(game.Do(ChangeCart{"alice", {"sword", 1}}).status, 200);
  const auto order = game.Do(Checkout{"alice"});
  EXPECT_EQ(order.body,
            "{\"player\": \"alice\", \"order_id\": 1, \"items\": ["
            "{\"item\": \"crown\", \"quantity\": 1, \"price\": 50, \"total\": 50}, "
            "{\"item\": \"sword\", \"quantity\": 1, \"price\": 30, \"total\": 30}], "
            "\"total\": 80, \"coins\": 20}\n");
  EXPECT_EQ(game.See(ReadCart{"alice"}).at("items").size(), 0U);
  EXPECT_EQ(game.See(ReadInventory{"alice"}).at("total"), 2);
  EXPECT_EQ(game.See(ReadItem{"crown"}).at("left"), 0);
}

TEST(Decide, SellsNoMoreThanTheStock) {
  Game game;
  for (const auto* player : {"alice", "bob"}) {
    game.Do(CreatePlayer{player});
    game.Do(AddToCart{player, {"crown", 1}});
  }
  EXPECT_EQ(game.Do(Checkout{"bob"}).status, 200);
  EXPECT_EQ(game.Do(Checkout{"alice"}).code, "out_of_stock");
}

TEST(Decide, HoldsTheLimitsOfAPlayer) {
  Game game;
  game.Do(CreatePlayer{"alice"});
  game.Do(GrantCoins{"alice", 1000, {}});
  game.Do(AddToCart{"alice", {"potion", 16}});
  const auto refused = game.Do(Checkout{"alice"});
  EXPECT_EQ(refused.code, "item_limit");
  EXPECT_NE(refused.body.find("16 would come, and a player may have 15 at most."),
            refused.body.npos)
      << refused.body;
  game.Do(ChangeCart{"alice", {"potion", 15}});
  EXPECT_EQ(game.Do(Checkout{"alice"}).status, 200);
  game.Do(AddToCart{"alice", {"sword", 6}});
  EXPECT_EQ(game.Do(Checkout{"alice"}).code, "capacity");
}

TEST(Decide, RefusesASumBeyondAllCoins) {
  Game game;
  game.Do(CreatePlayer{"alice"});
  game.catalogue.items.at("sword").price = kMaxCoins;
  game.Do(AddToCart{"alice", {"sword", kMaxQuantity}});
  EXPECT_EQ(game.Do(Checkout{"alice"}).code, "sum_too_large");
  EXPECT_TRUE(game.See(ReadCart{"alice"}).at("total").is_null());
}

TEST(Decide, RemovesFromTheCart) {
  Game game;
  game.Do(CreatePlayer{"alice"});
  EXPECT_EQ(game.Do(RemoveFromCart{"alice", "sword"}).code, "not_in_cart");
  EXPECT_EQ(game.Do(RemoveFromCart{"alice", {}}).code, "cart_empty");
  game.Do(AddToCart{"alice", {"sword", 1}});
  game.Do(AddToCart{"alice", {"potion", 1}});
  EXPECT_EQ(game.Do(RemoveFromCart{"alice", "sword"}).status, 200);
  EXPECT_EQ(game.Do(RemoveFromCart{"alice", {}}).status, 200);
  EXPECT_EQ(game.See(ReadPlayer{"alice"}).at("in_cart"), 0);
}

TEST(Decide, UsesAndSellsWhatIsThere) {
  Game game;
  game.Do(CreatePlayer{"alice"});
  game.Do(AddToCart{"alice", {"potion", 2}});
  game.Do(AddToCart{"alice", {"sword", 1}});
  game.Do(Checkout{"alice"});
  EXPECT_EQ(game.Do(UseItem{"alice", {"sword", 1}}).code, "not_usable");
  EXPECT_EQ(game.Do(UseItem{"alice", {"potion", 3}}).code, "insufficient_items");
  EXPECT_EQ(game.Do(UseItem{"alice", {"potion", 2}}).status, 200);
  EXPECT_EQ(game.Do(UseItem{"alice", {"potion", 1}}).code, "insufficient_items");
  EXPECT_EQ(game.Do(SellItem{"alice", {"potion", 1}}).code, "not_sellable");
  const auto sold = game.Do(SellItem{"alice", {"sword", 1}});
  EXPECT_EQ(nlohmann::json::parse(sold.body).at("coins"), 100 - 34 + 10);
  EXPECT_EQ(game.Do(SellItem{"alice", {"sword", 1}}).code, "insufficient_items");
}

TEST(Decide, TradesBothWaysOrNotAtAll) {
  Game game;
  game.Do(CreatePlayer{"alice"});
  game.Do(CreatePlayer{"bob"});
  game.Do(AddToCart{"alice", {"sword", 1}});
  game.Do(Checkout{"alice"});
  const auto trade = [](std::int64_t coins, std::int64_t swords) {
    return Trade{{"alice", 0, {{"sword", swords}}}, {"bob", coins, {}}};
  };
  EXPECT_EQ(game.Do(trade(101, 1)).code, "insufficient_funds");
  EXPECT_EQ(game.Do(trade(40, 2)).code, "insufficient_items");
  EXPECT_EQ(game.Do(Trade{{"alice", 1, {}}, {"carol", 0, {}}}).code, "no_player");
  EXPECT_EQ(game.Do(trade(40, 1)).body,
            "{\"trade_id\": 1, \"players\": [{\"player\": \"alice\", \"coins\": 110}, "
            "{\"player\": \"bob\", \"coins\": 60}]}\n");
  EXPECT_EQ(game.See(ReadInventoryItem{"bob", "sword"}).at("quantity"), 1);
  EXPECT_EQ(game.Do(trade(1, 1)).code, "insufficient_items");
}

TEST(Decide, KeepsAPlayerInOneGuild) {
  Game game;
  for (const auto* player : {"alice", "bob", "carol", "dave"}) game.Do(CreatePlayer{player});
  EXPECT_EQ(game.Do(CreateGuild{"Owls", "alice"}).status, 201);
  EXPECT_EQ(game.Do(CreateGuild{"Owls", "bob"}).code, "guild_exists");
  EXPECT_EQ(game.Do(CreateGuild{"Bears", "alice"}).code, "in_a_guild");
  EXPECT_EQ(game.Do(JoinGuild{"Cats", "bob"}).code, "no_guild");
  EXPECT_EQ(game.Do(JoinGuild{"Owls", "bob"}).status, 201);
  EXPECT_EQ(game.Do(JoinGuild{"Owls", "bob"}).code, "in_a_guild");
  EXPECT_EQ(game.Do(JoinGuild{"Owls", "carol"}).status, 201);
  EXPECT_EQ(game.Do(JoinGuild{"Owls", "dave"}).code, "guild_full");
  EXPECT_EQ(game.Do(LeaveGuild{"Owls", "dave"}).code, "not_a_member");
  EXPECT_EQ(game.Do(LeaveGuild{"Owls", "alice"}).status, 200);
  EXPECT_EQ(game.See(ReadGuildMembers{"Owls"}).dump(),
            R"({"guild":"Owls","members":["bob","carol"]})");
  EXPECT_EQ(game.See(ReadGuild{"Owls"}).at("founder"), "alice");
}

TEST(Decide, AliasesMakeAndFundTheirPlayer) {
  Game game;
  const auto alias = [&game](AliasAction action, const std::string& subject) {
    return game.Do(UseAlias{action, "user1.comcast.com", subject, 1, "Done!\n"});
  };
  const auto bought = alias(AliasAction::kPurchase, "sword");
  EXPECT_EQ(bought.status, 200);
  EXPECT_EQ(bought.body, "Done!\n");
  EXPECT_EQ(bought.content_type, "text/html; charset=utf-8");
  ASSERT_EQ(game.events.size(), 2U);
  EXPECT_TRUE(game.events.back().starts_with(R"({"event_type": "purchase_item", )"))
      << "an alias's order has no checkout";
  for (int i = 0; i < 30; ++i) EXPECT_EQ(alias(AliasAction::kPurchase, "sword").status, 200);
  EXPECT_EQ(game.See(ReadInventoryItem{"user1.comcast.com", "sword"}).at("quantity"), 31);
  EXPECT_EQ(alias(AliasAction::kPurchase, "crown").status, 200);
  EXPECT_EQ(alias(AliasAction::kPurchase, "crown").code, "out_of_stock");
  EXPECT_EQ(alias(AliasAction::kVisit, "").status, 200);
  EXPECT_EQ(game.events.back(), R"({"event_type": "default", "player": "user1.comcast.com"})");
}

TEST(Decide, AliasesJoinGuildsAgainAndAgain) {
  Game game;
  const auto join = [&game](const std::string& guild) {
    return game.Do(UseAlias{AliasAction::kJoinGuild, "user1", guild, 1, "Joined!\n"}).status;
  };
  EXPECT_EQ(join("Owls"), 200);
  EXPECT_EQ(join("Owls"), 200);
  EXPECT_EQ(join("Bears"), 200);
  EXPECT_EQ(game.See(ReadPlayer{"user1"}).at("guild"), "Bears");
  EXPECT_EQ(game.See(ReadGuild{"Owls"}).at("members"), 0);
  const auto leave = [&game] {
    return game.Do(UseAlias{AliasAction::kLeaveGuild, "user1", "", 1, "Left!\n"}).status;
  };
  EXPECT_EQ(leave(), 200);
  EXPECT_EQ(leave(), 404);
}

TEST(Decide, AnItemThatLeftTheCatalogueCanBeTradedNotBought) {
  Game game;
  game.Do(CreatePlayer{"alice"});
  game.Do(CreatePlayer{"bob"});
  game.Do(AddToCart{"alice", {"sword", 1}});
  game.Do(Checkout{"alice"});
  game.Do(AddToCart{"alice", {"sword", 1}});
  game.catalogue.items.erase("sword");
  EXPECT_EQ(game.Do(Checkout{"alice"}).code, "no_item");
  EXPECT_EQ(game.Do(RemoveFromCart{"alice", "sword"}).status, 200);
  EXPECT_EQ(game.Do(Trade{{"alice", 0, {{"sword", 1}}}, {"bob", 0, {}}}).status, 200);
}

}  // namespace
}  // namespace st::game
