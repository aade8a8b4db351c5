#include "client/ledger/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::client::ledger {
namespace {

constexpr std::uint16_t kSword = 0;
constexpr std::uint16_t kCheckout = 1;
constexpr std::uint16_t kText = 2;

// A run of three kinds: a declared event with a table, a command, a declared event without table.
class MatcherTest : public ::testing::Test {
 protected:
  std::uint64_t Sent(std::uint16_t kind, Fate fate = Fate::kAcknowledged) {
    const auto number = ledger_.Open(kind);
    ledger_.Close(number, fate);
    return number;
  }
  void InLog(std::uint64_t number, std::int64_t offset, std::string_view event_type = "") {
    matcher_.AddRecord({.topic = "game",
                        .partition = 0,
                        .offset = offset,
                        .number = number,
                        .event_type = event_type});
  }
  void InTable(const std::string& table, std::int64_t offset) { matcher_.AddRow(table, 0, offset); }
  std::vector<std::string> Missing() const {
    std::vector<std::string> out;
    matcher_.ForEachMissing([&](const auto& f) { out.push_back(f.key + " " + f.where); });
    return out;
  }
  std::vector<std::string> Doubled() const {
    std::vector<std::string> out;
    matcher_.ForEachDoubled([&](const auto& f) { out.push_back(f.key + " " + f.where); });
    return out;
  }

  const std::vector<RequestKind> kinds_ = {{.name = "sword", .topic = "events", .table = "swords"},
                                           {.name = "checkout", .is_command = true},
                                           {.name = "text", .topic = "events"}};
  Ledger ledger_{"run"};
  Matcher matcher_{ledger_, kinds_, {{"purchase_item", "purchases"}, {"checkout", "orders"}}};
};

TEST_F(MatcherTest, CountsEachKeyOnceWhereAllStandsInItsPlace) {
  const auto sword = Sent(kSword);
  const auto order = Sent(kCheckout);
  const auto text = Sent(kText);
  InTable("swords", 0);
  InTable("orders", 1);
  InLog(sword, 0);
  InLog(order, 1, "checkout");
  InLog(text, 2);
  const auto verdict = matcher_.Count();
  EXPECT_EQ(verdict.sent, 3U);
  EXPECT_EQ(verdict.in_log, 3U);
  EXPECT_EQ(verdict.in_tables, 3U);
  EXPECT_TRUE(verdict.is_equal());
}

TEST_F(MatcherTest, NamesAnAcknowledgedKeyThatTheLogLacks) {
  Sent(kSword);
  EXPECT_THAT(Missing(), ::testing::ElementsAre("run-0 log"));
  EXPECT_FALSE(matcher_.Count().is_equal());
}

TEST_F(MatcherTest, WantsTheEventOfACommandInItsTable) {
  const auto order = Sent(kCheckout);
  InTable("purchases", 1);
  InLog(order, 1, "checkout");
  const auto verdict = matcher_.Count();
  EXPECT_EQ(verdict.in_log, 1U);
  EXPECT_EQ(verdict.in_tables, 0U);
  EXPECT_THAT(Missing(), ::testing::ElementsAre("run-0 tables"));
}

TEST_F(MatcherTest, NamesAnEventOfTheGameThatNobodyDeclared) {
  const auto order = Sent(kCheckout);
  InLog(order, 1, "surprise");
  EXPECT_THAT(Missing(), ::testing::ElementsAre("run-0 tables"));
}

TEST_F(MatcherTest, NamesWhatStandsTwice) {
  const auto sword = Sent(kSword);
  const auto order = Sent(kCheckout);
  const auto row = Sent(kSword);
  for (const auto offset : {0, 1, 5, 5}) InTable("swords", offset);
  InTable("orders", 2);
  InTable("orders", 3);
  InLog(sword, 0);
  InLog(sword, 1);
  InLog(order, 2, "checkout");
  InLog(order, 3, "checkout");
  InLog(row, 5);
  EXPECT_THAT(Doubled(), ::testing::ElementsAre("run-0 log", "run-1 log", "run-2 tables"));
  EXPECT_EQ(matcher_.Count().doubled, 3U);
}

TEST_F(MatcherTest, LeavesTheRefusedOut) {
  const auto refused = Sent(kCheckout, Fate::kRefused);
  InLog(refused, 0, "command_refused");
  auto verdict = matcher_.Count();
  EXPECT_EQ(verdict.sent, 0U);
  EXPECT_TRUE(verdict.is_equal());
  const auto liar = Sent(kCheckout, Fate::kRefused);
  InLog(liar, 1, "checkout");
  EXPECT_THAT(Doubled(), ::testing::ElementsAre("run-1 answer"));
}

TEST_F(MatcherTest, CountsTheUnansweredWhereItStands) {
  Sent(kText, Fate::kUnanswered);
  const auto stored = Sent(kText, Fate::kUnanswered);
  InLog(stored, 0);
  const auto verdict = matcher_.Count();
  EXPECT_EQ(verdict.sent, 2U);
  EXPECT_EQ(verdict.acknowledged, 0U);
  EXPECT_EQ(verdict.in_log, 1U);
  EXPECT_THAT(Missing(), ::testing::IsEmpty());
  EXPECT_FALSE(verdict.is_equal());
}

}  // namespace
}  // namespace st::client::ledger
