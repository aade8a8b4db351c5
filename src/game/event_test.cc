#include "game/event.h"

#include <gtest/gtest.h>

#include "game/limits.h"

namespace st::game {
namespace {

TEST(Event, HasItsPayloadInDeclaredOrder) {
  EXPECT_EQ(EncodeEvent(CoinsGranted{"alice", 5, 105, "quest \"1\" é"}),
            R"({"event_type": "grant_coins", "player": "alice", "amount": 5, "balance": 105, )"
            R"("reason": "quest \"1\" \u00e9"})");
  EXPECT_EQ(EncodeEvent(CoinsGranted{"alice", 5, 105, {}}),
            R"({"event_type": "grant_coins", "player": "alice", "amount": 5, "balance": 105})");
}

TEST(Event, IsReadAsItWasWritten) {
  const std::vector<Event> events = {
      PlayerCreated{"a", 1},
      CoinsGranted{"a", 1, 2, "é"},
      CoinsSpent{"a", 1, 2, {}},
      CartAdded{"a", "i", 1, 2},
      CartChanged{"a", "i", 1},
      CartRemoved{"a", "i"},
      ItemPurchased{"a", 1, "i", "k", "r", 2, 3, 6, kMaxCoins},
      CheckedOut{"a", 1, 2, 3, 4},
      ItemUsed{"a", "i", 1, 2},
      ItemSold{"a", "i", 1, 2, 3, 4},
      Traded{1, "a", "b", 2, 3},
      ItemTraded{1, "a", "b", "i", 2},
      GuildCreated{"Les Héros", "a"},
      GuildJoined{"g", "a", 1},
      GuildLeft{"g", "a", 0},
      Visited{"[::1]:5000"},
      CommandRefused{"checkout", "cart_empty", "key \n"},
  };
  EXPECT_EQ(events.size(), std::variant_size_v<Event>);
  for (const auto& event : events) {
    const auto parsed = ParseEvent(EncodeEvent(event));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
    EXPECT_EQ(parsed->index(), event.index());
    EXPECT_EQ(EncodeEvent(*parsed), EncodeEvent(event));
    const auto spaced = ParseEvent(" " + EncodeEvent(event));
    ASSERT_TRUE(spaced.has_value()) << spaced.error().message();
    EXPECT_EQ(EncodeEvent(*spaced), EncodeEvent(event));
  }
}

TEST(Event, WrittenAlmostAsHereIsReadTheSame) {
  const std::string one =
      R"({"event_type": "spend_coins", "player": "a", "amount": 1, "balance": 2)";
  const std::vector<std::string> endings = {"}",
                                            "} ",
                                            R"(, "reason": "r"})",
                                            R"(, "reason": "\u0041"})",
                                            R"(, "reason": "é"})",
                                            R"(, "reason":"r"})",
                                            R"(, "more": "r"})",
                                            R"(, "player": "b"})",
                                            R"(, "amount": 7})"};
  for (const auto& ending : endings) {
    const auto exact = ParseEvent(one + ending);
    const auto spaced = ParseEvent(" " + one + ending);
    ASSERT_TRUE(exact.has_value() && spaced.has_value()) << ending;
    EXPECT_EQ(EncodeEvent(*exact), EncodeEvent(*spaced)) << ending;
  }
  for (const auto* number :
       {"01", "-1", "+1", "1.0", "1e0", "", "\"1\"", "1000000000000001", "99999999999999999999"}) {
    EXPECT_FALSE(ParseEvent(R"({"event_type": "create_player", "player": "a", "coins": )" +
                            std::string(number) + "}"))
        << number;
  }
}

TEST(Event, WithMoreFieldsIsReadWithoutThem) {
  const auto parsed = ParseEvent(
      R"({"event_type": "default", "player": "a", "new": {"x": [1, {"player": "b"}]}, "n": 1.5})");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
  EXPECT_EQ(std::get<Visited>(*parsed).player, "a");
}

TEST(Event, OfANewerProgramIsRefusedAsSuch) {
  const auto parsed = ParseEvent(R"({"event_type": "fly", "player": "a"})");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code(), ErrorCode::kUnsupported);
  EXPECT_EQ(parsed.error().message(), "event \"fly\" was written by a newer steelthread");
}

TEST(Event, ThatIsNoneIsRefusedWithTheReason) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "parse error"},
      {"[]", "not a flat JSON object"},
      {"7", "not a flat JSON object"},
      {"{}", "no text in \"event_type\""},
      {R"({"event_type": 1})", "no text in \"event_type\""},
      {R"({"event_type": "default"})", "field \"player\" is missing"},
      {R"({"event_type": "default", "player": 1})", "field \"player\" is no text"},
      {R"({"event_type": "default", "player": "a b"})", "field \"player\" must have 1 to 100"},
      {R"({"event_type": "create_player", "player": "a", "coins": -1})",
       "field \"coins\" is no whole"},
      {R"({"event_type": "create_player", "player": "a", "coins": 1.0})",
       "field \"coins\" is no whole"},
      {R"({"event_type": "create_player", "player": "a", "coins": 1000000000000001})",
       "field \"coins\" is no whole"},
      {R"({"event_type": "default", "player": "a"} x)", "parse error"},
      {std::string(100'000, '['), "not a flat JSON object"},
      {R"({"a": )" + std::string(100'000, '['), "not a flat JSON object"},
  };
  for (const auto& [payload, why] : wrong) {
    const auto parsed = ParseEvent(payload);
    ASSERT_FALSE(parsed.has_value()) << payload;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kCorruption);
    EXPECT_NE(parsed.error().message().find(why), std::string::npos) << parsed.error().message();
  }
}

}  // namespace
}  // namespace st::game
