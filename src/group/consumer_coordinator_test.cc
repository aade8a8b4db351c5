// Groups of the new protocol as the coordinator keeps them. What each heartbeat is answered is
// compared with Kafka's answers in tests/clients.
#include "group/coordinator.h"
#include "group/limits.h"
#include "group/testing.h"

namespace st::group {
namespace {

using testing::ConsumersTest;
using testing::Promised;

TEST_F(ConsumersTest, APartitionIsGivenUpBeforeAnotherMemberGetsIt) {
  EXPECT_EQ(Enter("a").assignment, Of({0, 1, 2, 3}));
  const auto second = Enter("b");
  EXPECT_EQ(second.epoch, 2);
  EXPECT_TRUE(second.assignment->empty());
  EXPECT_EQ(Beat("a", 1).assignment, Of({0, 1}));
  EXPECT_EQ(Beat("b", 2).assignment, std::nullopt);
  EXPECT_EQ(State().state, "Reconciling");
  EXPECT_EQ(Beat("a", 1, {{0, 1, 2, 3}}).epoch, 1) << "it still has them";
  EXPECT_EQ(Beat("b", 2).assignment, std::nullopt);
  EXPECT_EQ(Beat("a", 1, {{0, 1}}).epoch, 2);
  EXPECT_EQ(Beat("b", 2).assignment, Of({2, 3}));
  EXPECT_EQ(State().state, "Stable");
}

TEST_F(ConsumersTest, MembersGoOnOverAKill) {
  TwoConsumers();
  EXPECT_EQ(Commit({.group = "g", .member = "a", .instance = {}, .generation = 2}, 5),
            Outcome::kDone);
  const auto before = State();
  Kill();
  EXPECT_EQ(State().epoch, before.epoch);
  EXPECT_EQ(State().assignment_epoch, before.assignment_epoch);
  EXPECT_EQ(Committed(), 5);
  EXPECT_EQ(Beat("a", 2).outcome, Outcome::kDone);
  EXPECT_EQ(Beat("b", 2).outcome, Outcome::kDone);
  EXPECT_EQ(State().state, "Stable");
  EXPECT_EQ(Enter("c").epoch, 3);
}

TEST_F(ConsumersTest, ARevocationGoesOnOverAKill) {
  Enter("a");
  Enter("b");
  Beat("a", 1);
  Kill();
  EXPECT_EQ(Beat("b", 2).assignment, std::nullopt) << "a still has them";
  EXPECT_EQ(Beat("a", 1, {{0, 1}}).epoch, 2);
  EXPECT_EQ(Beat("b", 2).assignment, Of({2, 3}));
}

TEST_F(ConsumersTest, ASilentMemberLosesItsPartitions) {
  TwoConsumers();
  Pass(30);
  Beat("a", 2);
  Pass(20);
  EXPECT_EQ(State().members.size(), 1U);
  EXPECT_EQ(State().state, "Assigning");
  EXPECT_EQ(Beat("b", 2).outcome, Outcome::kUnknownMember);
  EXPECT_EQ(Beat("a", 2).assignment, Of({0, 1, 2, 3}));
  Kill();
  EXPECT_EQ(State().members.size(), 1U) << "it is durable";
  EXPECT_EQ(State().epoch, 3);
}

TEST_F(ConsumersTest, AHeartbeatMovesTheEndOfItsSessionAlone) {
  TwoConsumers();
  Pass(30);
  Beat("a", 2);
  Pass(14);
  EXPECT_EQ(State().members.size(), 2U);
  Pass(1);
  EXPECT_EQ(State().members.size(), 1U) << "b was silent for 45 s";
  Pass(29);
  EXPECT_EQ(State().members.size(), 1U);
  Pass(1);
  EXPECT_TRUE(State().members.empty());
}

TEST_F(ConsumersTest, SessionsBeginAnewAtAStart) {
  TwoConsumers();
  Pass(40);
  Kill();
  Pass(40);
  EXPECT_EQ(State().members.size(), 2U);
  Pass(10);
  EXPECT_TRUE(State().members.empty());
  EXPECT_EQ(State().state, "Empty");
}

TEST_F(ConsumersTest, AMemberThatKeepsWhatItIsToLoseIsFenced) {
  Enter("a");
  Enter("b");
  Beat("a", 1);
  Pass(20);
  Beat("a", 1);
  Beat("b", 2);
  Pass(10);
  EXPECT_EQ(Beat("a", 1, {{0, 1, 2, 3}}).outcome, Outcome::kUnknownMember);
  EXPECT_EQ(Beat("b", 2).assignment, Of({0, 1, 2, 3}));
}

TEST_F(ConsumersTest, AStaticMemberComesBackToItsPartitions) {
  auto join = JoinOf("a");
  join.instance = "one";
  Beat(join);
  auto again = JoinOf("b");
  again.instance = "one";
  EXPECT_EQ(Beat(again).outcome, Outcome::kUnreleasedInstance);
  auto leave = RequestOf("a", kLeaveStaticEpoch);
  leave.instance = "one";
  EXPECT_EQ(Beat(leave).epoch, kLeaveStaticEpoch);
  Kill();
  const auto back = Beat(again);
  EXPECT_EQ(back.epoch, 1) << "nothing changed for the group";
  EXPECT_EQ(back.assignment, Of({0, 1, 2, 3}));
  EXPECT_EQ(Beat("a", 1).outcome, Outcome::kUnknownMember);
  EXPECT_EQ(Beat(leave).outcome, Outcome::kFencedInstance);
}

TEST_F(ConsumersTest, AStaticMemberThatDoesNotComeBackIsRemoved) {
  auto join = JoinOf("a");
  join.instance = "one";
  Beat(join);
  auto leave = RequestOf("a", kLeaveStaticEpoch);
  leave.instance = "one";
  Beat(leave);
  Pass(45);
  EXPECT_TRUE(State().members.empty());
}

TEST_F(ConsumersTest, NoMemberTakesTheIdOfAnother) {
  auto join = JoinOf("a");
  join.instance = "one";
  Beat(join);
  auto leave = RequestOf("a", kLeaveStaticEpoch);
  leave.instance = "one";
  Beat(leave);
  Enter("b");
  auto taken = JoinOf("b");
  taken.instance = "one";
  EXPECT_EQ(Beat(taken).outcome, Outcome::kInvalidRequest);
  EXPECT_EQ(State().members.size(), 2U);
}

TEST_F(ConsumersTest, NewTopicsAndPatternsBeginAnEpoch) {
  auto join = JoinOf("a");
  join.topics = {"later"};
  EXPECT_TRUE(Beat(join).assignment->empty());
  const auto later = log_->CreateTopic("later", 2).value().id;
  EXPECT_EQ(Beat("a", 1).assignment, (AssignedPartitions{{later, {0, 1}}}));
  auto by_pattern = RequestOf("a", 2);
  by_pattern.topics.emplace();
  by_pattern.pattern = "ev.*";
  EXPECT_TRUE(Beat(by_pattern).assignment->empty());
  EXPECT_EQ(Beat("a", 2, std::set<std::int32_t>{}).assignment, Of({0, 1, 2, 3}));
  const auto more = log_->CreateTopic("evening", 1).value().id;
  Pass(11);
  Beat("a", 4);
  EXPECT_EQ(Beat("a", 4).assignment, (AssignedPartitions{{topic_, {0, 1, 2, 3}}, {more, {0}}}));
  Kill();
  EXPECT_EQ(State().state, "Stable");
}

TEST_F(ConsumersTest, AnAnswerWaitsForTheLog) {
  const auto first = Begin(JoinOf("a"));
  const auto second = Begin(JoinOf("b"));
  const auto third = Begin(JoinOf("c"));
  EXPECT_EQ(first.Get().epoch, 1);
  EXPECT_EQ(second.Get().epoch, 2);
  EXPECT_EQ(third.Get().epoch, 3);
  Kill();
  EXPECT_EQ(State().epoch, 3);
  EXPECT_EQ(State().members.size(), 3U);
}

TEST_F(ConsumersTest, WithoutTheLogNobodyIsToldAnything) {
  Enter("a");
  log_->Stop();
  EXPECT_EQ(Enter("b").outcome, Outcome::kNotAvailable);
  EXPECT_EQ(Beat("a", 1).outcome, Outcome::kNotAvailable) << "b's epoch is not durable";
}

TEST_F(ConsumersTest, CommitsAndFetchesNameTheMembersEpoch) {
  TwoConsumers();
  const auto as = [](const std::string& member, std::int32_t epoch) {
    return MemberRef{.group = "g", .member = member, .instance = {}, .generation = epoch};
  };
  EXPECT_EQ(Commit(as("a", 2), 7), Outcome::kDone);
  EXPECT_EQ(Commit(as("a", 1), 3), Outcome::kStaleEpoch);
  EXPECT_EQ(Commit(as("x", 2), 3), Outcome::kUnknownMember);
  EXPECT_EQ(Commit(as("", -1), 3), Outcome::kUnknownMember);
  EXPECT_EQ(coordinator_->CheckFetch("g", "a", 2), Outcome::kDone);
  EXPECT_EQ(coordinator_->CheckFetch("g", "a", 1), Outcome::kStaleEpoch);
  EXPECT_EQ(coordinator_->CheckFetch("g", std::nullopt, -1), Outcome::kDone);
  EXPECT_EQ(Committed(), 7);
}

TEST_F(ConsumersTest, AGroupOfOtherClientsKeepsItsProtocolWhileItHasMembers) {
  Enter("a");
  EXPECT_EQ(Join().Get().outcome, Outcome::kInconsistentProtocol);
  EXPECT_EQ(Beat("a", kLeaveEpoch).outcome, Outcome::kDone);
  const auto classic = Join().Get();
  EXPECT_EQ(classic.outcome, Outcome::kDone);
  EXPECT_EQ(coordinator_->List().at(0).type, kClassicGroup);
  EXPECT_EQ(Enter("b").outcome, Outcome::kGroupIdNotFound);
  Leave(classic.member);
  EXPECT_EQ(Enter("b").epoch, 1);
  EXPECT_EQ(coordinator_->List().at(0).type, kConsumerGroup);
  Kill();
  EXPECT_EQ(coordinator_->List().at(0).type, kConsumerGroup);
}

TEST_F(ConsumersTest, OffsetsStayWhenAGroupChangesItsProtocol) {
  const auto classic = OneMember();
  Commit(RefOf(classic), 5);
  Leave(classic.member);
  Enter("a");
  EXPECT_EQ(Committed(), 5);
  Kill();
  EXPECT_EQ(Committed(), 5);
}

TEST_F(ConsumersTest, AFullGroupTakesNobody) {
  settings_.max_size = 2;
  Kill();
  Enter("a");
  Enter("b");
  EXPECT_EQ(Enter("c").outcome, Outcome::kGroupFull);
  EXPECT_EQ(Beat("a", 1).outcome, Outcome::kDone);
}

TEST_F(ConsumersTest, AnAddressFindsNoRoomForMoreThanItsShare) {
  auto join = JoinOf("a");
  for (int i = 0; i < 20'000; ++i) join.topics->insert(std::string(1'900, 'x') + std::to_string(i));
  EXPECT_EQ(Beat(join).outcome, Outcome::kNoRoom);
  EXPECT_FALSE(coordinator_->HasGroup("g")) << "nothing is left of it";
  EXPECT_EQ(Enter("a").outcome, Outcome::kDone);
}

TEST_F(ConsumersTest, AnEmptyGroupIsDeletedWithItsOffsets) {
  Enter("a");
  Commit({.group = "g", .member = "a", .instance = {}, .generation = 1}, 5);
  Promised<Outcome> refused;
  coordinator_->Delete("g", refused.Setter());
  EXPECT_EQ(refused.Get(), Outcome::kNonEmptyGroup);
  Beat("a", kLeaveEpoch);
  Promised<Outcome> done;
  coordinator_->Delete("g", done.Setter());
  EXPECT_EQ(done.Get(), Outcome::kDone);
  EXPECT_FALSE(coordinator_->HasGroup("g"));
  Kill();
  EXPECT_FALSE(coordinator_->HasGroup("g"));
}

TEST_F(ConsumersTest, OffsetsOfTopicsThatMembersReadDoNotExpire) {
  Enter("a");
  Commit({.group = "g", .member = "a", .instance = {}, .generation = 1}, 5);
  for (int day = 0; day < 10; ++day) {
    for (int i = 0; i < 24 * 90; ++i) {
      Pass(40);
      Beat("a", 1);
    }
  }
  EXPECT_EQ(Committed(), 5);
  Beat("a", kLeaveEpoch);
  Pass(120);
  Commit({.group = "later", .member = "", .instance = {}}, 1);  // it is stored behind that
  EXPECT_EQ(Committed(), -1) << "it is older than the retention";
}

}  // namespace
}  // namespace st::group
