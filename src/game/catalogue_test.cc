#include "game/catalogue.h"

#include <gtest/gtest.h>

#include "game/testing.h"

namespace st::game {
namespace {

constexpr std::string_view kHead = "kinds = [\"weapon\"]\nrarities = [\"common\"]\n";
constexpr std::string_view kSword =
    "[items.sword]\nkind = \"weapon\"\nrarity = \"common\"\nprice = 3\n";

std::string WhyNot(const std::string& text) {
  const auto parsed = ParseCatalogue(text, "game.toml");
  if (parsed) return "it is right";
  EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
  return parsed.error().message();
}

TEST(Catalogue, HasItemsLimitsAndAliases) {
  const auto catalogue = ParseCatalogue(
      std::string(testing::kRules) +
          "[[alias]]\nroute = \"GET /\"\naction = \"visit\"\nreply = \"Hello!\\n\"\n"
          "[[alias]]\nroute = \"GET /buy\"\naction = \"purchase\"\nitem = \"sword\"\n",
      "game.toml");
  ASSERT_TRUE(catalogue.has_value()) << catalogue.error().message();
  EXPECT_EQ(catalogue->start_coins, 100);
  EXPECT_EQ(catalogue->capacity, 20);
  EXPECT_EQ(catalogue->guild_members, 3);
  ASSERT_EQ(catalogue->items.size(), 3U);
  const Item& potion = catalogue->items.at("potion");
  EXPECT_EQ(potion.price, 2);
  EXPECT_EQ(potion.stock, 1000);
  EXPECT_EQ(potion.per_player, 15);
  EXPECT_TRUE(potion.is_usable);
  EXPECT_FALSE(potion.sell_price.has_value());
  ASSERT_EQ(catalogue->aliases.size(), 2U);
  EXPECT_EQ(catalogue->aliases[0].reply, "Hello!\n");
  EXPECT_EQ(catalogue->aliases[1].path, "/buy");
  EXPECT_EQ(catalogue->aliases[1].action, AliasAction::kPurchase);
  EXPECT_EQ(catalogue->aliases[1].subject, "sword");
}

TEST(Catalogue, NamesTheNearestItem) {
  const Catalogue catalogue = ParseCatalogue(testing::kRules, "game.toml").value();
  EXPECT_EQ(catalogue.NoItem("swrod"), "There is no item \"swrod\"; did you mean \"sword\"?");
  EXPECT_EQ(catalogue.NoItem("zeppelin"), "There is no item \"zeppelin\".");
}

TEST(Catalogue, SaysWhereAMistakeIs) {
  const std::string head(kHead);
  const std::string sword(kSword);
  const auto alias = [&](const std::string& lines) { return head + sword + "[[alias]]\n" + lines; };
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"kinds = [", "game.toml:1:10: "},
      {"\xC7\x9D = 1", "game.toml:1:1: a character outside ASCII"},
      {"", "game.toml:1:1: items: a game has an item"},
      {head + "itmes = 1\n", "game.toml:3:1: unknown key \"itmes\"; did you mean \"items\"?"},
      {"kinds = [\"a\", \"a\"]", "game.toml:1:15: kinds: \"a\" stands there twice"},
      {"kinds = [1]", "game.toml:1:10: kinds: want texts"},
      {"kinds = 1", "game.toml:1:9: kinds: want a list"},
      {head + "players = 1", "game.toml:3:11: players: want a table"},
      {head + "[players]\ncoins = -1", "game.toml:4:9: players.coins: want a whole number from 0"},
      {head + "[players]\ncoin = 1",
       "game.toml:4:1: unknown key \"coin\"; did you mean \"coins\"?"},
      {head + "[guilds]\nmembers = 0",
       "game.toml:4:11: guilds.members: want a whole number from 1 to 10000"},
      {head + "[items]\nsword = 1", "game.toml:4:1: items.sword: want a table"},
      {head + "[items.\"a b\"]\nprice = 1", "game.toml:3:8: an item's name must have"},
      {head + "[items.sword]\nkind = \"weapn\"",
       "game.toml:4:8: items.sword.kind: \"weapn\" is none of weapon; did you mean \"weapon\"?"},
      {head + "[items.sword]\nprice = 1", "game.toml:3:1: items.sword.kind: is missing"},
      {head + "[items.sword]\nkind = \"weapon\"\nrarity = \"rare\"",
       "game.toml:5:10: items.sword.rarity: \"rare\" is none of common"},
      {head + "[items.sword]\nkind = \"weapon\"\nrarity = \"common\"",
       "game.toml:3:1: items.sword.price: is missing"},
      {head + sword + "sell_price = 4", "game.toml:7:14: items.sword.sell_price: is above"},
      {head + sword + "usable = 1", "game.toml:7:10: items.sword.usable: want true or false"},
      {head + sword + "stok = 1", "game.toml:7:1: unknown key \"stok\"; did you mean \"stock\"?"},
      {"[items.sword]\nkind = \"weapon\"",
       "game.toml:2:8: items.sword.kind: no kinds are declared"},
      {alias("action = \"visit\""),
       "game.toml:7:1: alias.route: want one method and a path, \"GET /path\""},
      {alias("route = \"GET x\""), "game.toml:8:9: alias.route: the path begins"},
      {alias("route = \"GET /x\"\naction = \"bye\""),
       "game.toml:9:10: alias.action: \"bye\" is none"},
      {alias("route = \"GET /x\"\naction = \"visit\"\nitem = \"sword\""),
       "game.toml:10:8: alias.item: this action takes no item"},
      {alias("route = \"GET /x\"\naction = \"purchase\"\nitem = \"swrod\""),
       "game.toml:10:8: alias.item: There is no item \"swrod\"; did you mean \"sword\"?"},
      {alias("route = \"GET /x\"\naction = \"join_guild\"\nguild = \"a/b\""),
       "game.toml:10:9: alias.guild: must have"},
      {alias("route = \"GET /x\"\naction = \"visit\"\n[[alias]]\nroute = \"GET /x\"\naction = "
             "\"visit\""),
       "game.toml:11:9: alias.route: is declared at game.toml:8:9 too"},
  };
  for (const auto& [text, why] : wrong) {
    EXPECT_EQ(WhyNot(text).substr(0, why.size()), why) << text;
  }
}

}  // namespace
}  // namespace st::game
