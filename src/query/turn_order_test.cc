#include "query/turn_order.h"

#include <gtest/gtest.h>

#include "query/limits.h"

namespace st::query {
namespace {

// A queued statement, whose client asked for its answer.
StatementPtr Queued(const std::string& address, const std::string& user) {
  StatementRequest request{.sql = "select 1", .session = {}, .address = address};
  request.session.user = user;
  auto statement =
      std::make_shared<OpenStatement>(Ticket{.id = address + user, .slug = "s"}, request, 0);
  FetchCallback done = [](FetchOutcome, const AnswerPtr&) {};
  statement->Poll(1, 0, done);
  return statement;
}

// The clients in the order in which their statements are chosen; each ends before the next begins.
std::string Order(TurnOrder& turns, std::vector<StatementPtr> queue) {
  std::string order;
  while (const auto next = turns.Choose(queue, {})) {
    order += next->ticket().id + " ";
    std::erase(queue, next);
  }
  EXPECT_TRUE(queue.empty());
  return order;
}

TEST(TurnOrder, AddressesTakeTurnsAndUsersWithinThem) {
  TurnOrder turns(2);
  EXPECT_EQ(Order(turns, {Queued("a", "1"), Queued("a", "1"), Queued("a", "2"), Queued("b", "1")}),
            "a1 b1 a2 a1 ");
}

TEST(TurnOrder, AnAddressWithFewerRunningStatementsIsFirst) {
  TurnOrder turns(3);
  const std::vector<StatementPtr> running = {Queued("a", "1"), Queued("a", "2"), Queued("b", "1")};
  EXPECT_EQ(Order(turns, {Queued("b", "1")}), "b1 ") << "it was served last";
  const auto next = turns.Choose({Queued("a", "3"), Queued("b", "2")}, running);
  EXPECT_EQ(next->ticket().id, "b2");
}

TEST(TurnOrder, AUserWithFewerRunningStatementsIsFirst) {
  TurnOrder turns(3);
  const auto next = turns.Choose({Queued("a", "1"), Queued("a", "2")}, {Queued("a", "1")});
  EXPECT_EQ(next->ticket().id, "a2");
}

TEST(TurnOrder, AnAddressWithItsShareRunningWaits) {
  TurnOrder turns(2);
  const std::vector<StatementPtr> running = {Queued("a", "1"), Queued("a", "2")};
  EXPECT_EQ(turns.Choose({Queued("a", "3")}, running), nullptr);
  EXPECT_EQ(turns.Choose({Queued("a", "3"), Queued("b", "1")}, running)->ticket().id, "b1");
}

TEST(TurnOrder, AStatementWithoutAPollWaits) {
  TurnOrder turns(2);
  const auto left = std::make_shared<OpenStatement>(Ticket{.id = "left", .slug = "s"},
                                                    StatementRequest{.address = "a"}, 0);
  EXPECT_EQ(turns.Choose({left}, {}), nullptr);
}

TEST(TurnOrder, TurnsOfManyClientsAreForgotten) {
  TurnOrder turns(2);
  EXPECT_EQ(Order(turns, {Queued("a", "1")}), "a1 ");
  EXPECT_EQ(Order(turns, {Queued("a", "1"), Queued("b", "1")}), "b1 a1 ");
  for (std::size_t i = 0; i < kMaxRememberedClients; ++i) {
    EXPECT_NE(turns.Choose({Queued(fmt::format("{}", i), "1")}, {}), nullptr);
  }
  EXPECT_EQ(Order(turns, {Queued("a", "1"), Queued("c", "1")}), "a1 c1 ");
}

}  // namespace
}  // namespace st::query
