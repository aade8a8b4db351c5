#include "group/coordinator.h"

#include "group/limits.h"
#include "group/testing.h"

namespace st::group {
namespace {

using testing::Promised;

class CoordinatorTest : public testing::GroupTest {};

TEST(GroupStates, EveryMoveIsInTheTableAndNoOther) {
  EXPECT_TRUE(MayMove(State::kEmpty, State::kPreparingRebalance));
  EXPECT_FALSE(MayMove(State::kEmpty, State::kStable));
  EXPECT_FALSE(MayMove(State::kPreparingRebalance, State::kStable));
  EXPECT_FALSE(MayMove(State::kDead, State::kEmpty));
  for (const auto& move : kTransitions) EXPECT_NE(move.from, move.to) << move.when;
}

TEST_F(CoordinatorTest, OneMemberJoinsSyncsAndStays) {
  const auto joined = Join().Get();
  EXPECT_EQ(joined.outcome, Outcome::kDone);
  EXPECT_EQ(joined.generation, 1);
  EXPECT_EQ(joined.leader, joined.member);
  EXPECT_EQ(joined.protocol, "range");
  EXPECT_TRUE(joined.member.starts_with("client-"));
  ASSERT_EQ(joined.members.size(), 1U);
  EXPECT_EQ(joined.members[0].metadata, "topics");
  EXPECT_EQ(StateOf(), "CompletingRebalance");
  const auto synced = Sync(joined, {{joined.member, "all"}}).Get();
  EXPECT_EQ(synced.assignment, "all");
  EXPECT_EQ(synced.protocol_type, "consumer");
  EXPECT_EQ(StateOf(), "Stable");
  EXPECT_EQ(Heartbeat(joined), Outcome::kDone);
  EXPECT_EQ(Sync(joined).Get().assignment, "all") << "asked again";
}

TEST_F(CoordinatorTest, ANewMemberGetsAnIdFirstWhereItsClientKnowsThat) {
  auto request = RequestOf("");
  request.must_know_id = true;
  const auto given = Join(request).Get();
  EXPECT_EQ(given.outcome, Outcome::kMemberIdRequired);
  EXPECT_EQ(StateOf(), "Empty");
  const auto joined = Join(given.member).Get();
  EXPECT_EQ(joined.outcome, Outcome::kDone);
  EXPECT_EQ(joined.member, given.member);
}

TEST_F(CoordinatorTest, AnIdThatIsNotUsedIsForgottenWithItsGroup) {
  auto request = RequestOf("");
  request.must_know_id = true;
  const auto given = Join(request).Get();
  Pass(11);
  EXPECT_EQ(StateOf(), "none");
  EXPECT_EQ(Join(given.member).Get().outcome, Outcome::kUnknownMember);
}

TEST_F(CoordinatorTest, ASecondMemberMakesAGenerationOfBoth) {
  const auto [first, second] = TwoMembers();
  EXPECT_EQ(first.generation, 2);
  EXPECT_EQ(second.generation, 2);
  EXPECT_EQ(second.leader, first.member);
  EXPECT_TRUE(second.members.empty()) << "the leader's alone";
  EXPECT_EQ(Heartbeat(second), Outcome::kDone);
  EXPECT_EQ(Heartbeat({.member = second.member, .generation = 1}), Outcome::kIllegalGeneration);
  EXPECT_EQ(Heartbeat({.member = "other", .generation = 2}), Outcome::kUnknownMember);
}

TEST_F(CoordinatorTest, TheFirstRebalanceWaitsForMoreMembersAsLongAsSomeCome) {
  settings_.initial_rebalance_delay_ms = 3'000;
  Kill();
  const auto first = Join();
  Pass(2);
  const auto second = Join();
  EXPECT_FALSE(first.is_there());
  Pass(2);
  EXPECT_FALSE(first.is_there()) << "one came during the delay";
  Pass(3);
  EXPECT_EQ(first.Get().generation, 1);
  EXPECT_EQ(second.Get().generation, 1);
}

TEST_F(CoordinatorTest, ASilentMemberIsRemovedAndTheOthersRebalance) {
  const auto [first, second] = TwoMembers();
  Pass(6);
  EXPECT_EQ(Heartbeat(first), Outcome::kDone);
  Pass(6);
  EXPECT_EQ(Heartbeat(second), Outcome::kUnknownMember);
  EXPECT_EQ(Heartbeat(first), Outcome::kRebalanceInProgress);
  const auto again = Join(first.member).Get();
  EXPECT_EQ(again.generation, 3);
  EXPECT_EQ(again.members.size(), 1U);
}

TEST_F(CoordinatorTest, WhoDoesNotJoinAgainInTimeIsLeftOut) {
  const auto [first, second] = TwoMembers();
  const auto third = Join();
  const auto again = Join(second.member);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Heartbeat(first), Outcome::kRebalanceInProgress);
    Pass(6);
  }
  EXPECT_EQ(again.Get().generation, 3);
  EXPECT_EQ(again.Get().leader, again.Get().member) << "the leader did not come";
  EXPECT_EQ(again.Get().members.size(), 2U);
  EXPECT_EQ(third.Get().generation, 3);
  EXPECT_EQ(Heartbeat(first), Outcome::kUnknownMember);
}

TEST_F(CoordinatorTest, WhoDoesNotSyncInTimeIsRemoved) {
  const auto first = OneMember();
  const auto second = Join();
  const auto again = Join(first.member).Get();
  const auto waits = Sync(second.Get());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Heartbeat(again), Outcome::kDone);
    Pass(6);
  }
  EXPECT_EQ(waits.Get().outcome, Outcome::kRebalanceInProgress);
  EXPECT_EQ(Heartbeat(again), Outcome::kUnknownMember);
}

TEST_F(CoordinatorTest, AMemberThatLeavesIsMissedAtOnce) {
  const auto [first, second] = TwoMembers();
  EXPECT_EQ(Leave(second.member).members, std::vector{Outcome::kDone});
  EXPECT_EQ(Leave(second.member).members, std::vector{Outcome::kUnknownMember});
  EXPECT_EQ(Heartbeat(first), Outcome::kRebalanceInProgress);
  EXPECT_EQ(Leave(first.member).members, std::vector{Outcome::kDone});
  EXPECT_EQ(StateOf(), "Empty");
  EXPECT_EQ(coordinator_->Leave("nowhere", {{"a", {}}, {"b", {}}}).members,
            (std::vector{Outcome::kUnknownMember, Outcome::kUnknownMember}));
  EXPECT_EQ(coordinator_->Leave("", {}).outcome, Outcome::kInvalidGroupId);
}

TEST_F(CoordinatorTest, AMemberThatDidNotSeeItsAnswerAsksAgain) {
  const auto [first, second] = TwoMembers();
  const auto again = Join(second.member).Get();
  EXPECT_EQ(again.generation, 2) << "no rebalance";
  EXPECT_TRUE(again.members.empty());
  const auto leader = Join(first.member);
  EXPECT_EQ(Heartbeat(second), Outcome::kRebalanceInProgress) << "a leader that joins wants one";
  EXPECT_FALSE(leader.is_there());
}

TEST_F(CoordinatorTest, AnotherSubscriptionRebalances) {
  const auto [first, second] = TwoMembers();
  auto other = RequestOf(second.member);
  other.protocols[0].metadata = "more topics";
  const auto joining = Join(other);
  EXPECT_EQ(Heartbeat(first), Outcome::kRebalanceInProgress);
  const auto again = Join(first.member).Get();
  ASSERT_EQ(again.members.size(), 2U);
  for (const auto& member : again.members) {
    EXPECT_EQ(member.metadata, member.id == second.member ? "more topics" : "topics");
  }
  EXPECT_EQ(joining.Get().generation, 3);
}

TEST_F(CoordinatorTest, TheProtocolIsOneThatAllOfferAndMostPrefer) {
  auto request = RequestOf("");
  request.protocols = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
  const auto first = Join(request).Get();
  EXPECT_EQ(first.protocol, "a");
  request.protocols = {{"c", "1"}, {"b", "2"}};
  const auto second = Join(request);
  request.protocols = {{"c", "1"}, {"b", "2"}};
  const auto third = Join(request);
  request.member = first.member;
  request.protocols = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
  EXPECT_EQ(Join(request).Get().protocol, "c");
  request.member = "";
  request.protocols = {{"a", "1"}};
  EXPECT_EQ(Join(request).Get().outcome, Outcome::kInconsistentProtocol);
  request.protocols = {{"c", "1"}};
  request.protocol_type = "connect";
  EXPECT_EQ(Join(request).Get().outcome, Outcome::kInconsistentProtocol);
  request.protocols.clear();
  request.group = "other";
  EXPECT_EQ(Join(request).Get().outcome, Outcome::kInconsistentProtocol);
}

TEST_F(CoordinatorTest, RequestsThatCannotBeMetAreRefused) {
  auto request = RequestOf("");
  request.group = "";
  EXPECT_EQ(Join(request).Get().outcome, Outcome::kInvalidGroupId);
  request.group = std::string(kMaxGroupIdBytes + 1, 'g');
  EXPECT_EQ(Join(request).Get().outcome, Outcome::kInvalidGroupId);
  request.group = "g";
  request.session_timeout_ms = 999;
  EXPECT_EQ(Join(request).Get().outcome, Outcome::kInvalidSessionTimeout);
  request.session_timeout_ms = 1'800'001;
  EXPECT_EQ(Join(request).Get().outcome, Outcome::kInvalidSessionTimeout);
  EXPECT_EQ(Join("unknown").Get().outcome, Outcome::kUnknownMember);
  EXPECT_EQ(Sync({.member = "m", .generation = 1}).Get().outcome, Outcome::kUnknownMember);
  const auto joined = OneMember();
  Promised<SyncAnswer> answer;
  coordinator_->Sync(
      {.member = RefOf(joined), .protocol_type = "connect", .protocol = {}, .assignments = {}},
      answer.Setter());
  EXPECT_EQ(answer.Get().outcome, Outcome::kInconsistentProtocol);
}

TEST_F(CoordinatorTest, AFullGroupTakesNoMore) {
  settings_.max_size = 2;
  Kill();
  const auto [first, second] = TwoMembers();
  EXPECT_EQ(Join().Get().outcome, Outcome::kGroupFull);
  EXPECT_EQ(Join(second.member).Get().outcome, Outcome::kDone);
}

TEST_F(CoordinatorTest, MembersOfAStableGroupGoOnAfterAKill) {
  const auto [first, second] = TwoMembers();
  Kill();
  EXPECT_EQ(StateOf(), "Stable");
  EXPECT_EQ(Heartbeat(first), Outcome::kDone);
  EXPECT_EQ(Heartbeat(second), Outcome::kDone);
  EXPECT_EQ(Sync(second).Get().assignment, "b");
  Pass(6);
  EXPECT_EQ(Heartbeat(first), Outcome::kDone);
  Pass(6);
  EXPECT_EQ(Heartbeat(second), Outcome::kUnknownMember) << "its session ended";
  const auto again = Join(first.member).Get();
  EXPECT_EQ(again.generation, 3) << "goes on from before the kill";
}

TEST_F(CoordinatorTest, AGenerationThatAMemberKnowsIsNotTakenBackByAKill) {
  const auto joined = Join().Get();
  Kill();
  EXPECT_EQ(StateOf(), "CompletingRebalance");
  EXPECT_EQ(Sync(joined, {{joined.member, "all"}}).Get().assignment, "all");
  Leave(joined.member);
  const auto empty = Join();
  EXPECT_GT(empty.Get().generation, joined.generation);
}

TEST_F(CoordinatorTest, AnEmptyGroupKeepsItsGenerationOverAKill) {
  const auto joined = OneMember();
  Leave(joined.member);
  Commit({.group = "g", .member = "", .instance = {}}, 7);  // durable, so the one before is too
  Kill();
  EXPECT_EQ(StateOf(), "Empty");
  EXPECT_EQ(Committed(), 7);
  EXPECT_EQ(Join().Get().generation, joined.generation + 2);
}

TEST_F(CoordinatorTest, WhoWaitsIsAnsweredAtStop) {
  const auto [first, second] = TwoMembers();
  const auto third = Join();
  EXPECT_FALSE(third.is_there());
  coordinator_->Stop();
  EXPECT_EQ(third.Get().outcome, Outcome::kNotAvailable);
  EXPECT_EQ(Join().Get().outcome, Outcome::kNotAvailable);
  EXPECT_EQ(Heartbeat(first), Outcome::kNotAvailable);
}

TEST_F(CoordinatorTest, WhatCannotBeStoredIsAnsweredAsNotAvailable) {
  const auto joined = OneMember();
  fs_->SetHook([](const std::string& call, const std::string&) -> Status {
    if (call != "sync") return {};
    return Fail(ErrorCode::kIo, "broken");
  });
  EXPECT_EQ(Commit(RefOf(joined), 1), Outcome::kNotAvailable);
  EXPECT_EQ(Committed(), -1);
  EXPECT_EQ(Join(joined.member).Get().outcome, Outcome::kNotAvailable);
}

TEST_F(CoordinatorTest, TheAlarmComesForTheNextDeadline) {
  settings_.initial_rebalance_delay_ms = 3'000;
  Kill();
  const auto delays = std::make_shared<Guarded<std::vector<std::int64_t>>>();
  const auto last = [&] {
    return delays->With([](const auto& all) { return all.empty() ? -1 : all.back(); });
  };
  coordinator_->SetAlarm([delays](std::int64_t delay_us) {
    delays->With([&](auto& all) { all.push_back(delay_us); });
  });
  EXPECT_EQ(last(), -1) << "nothing is there";
  const auto joining = Join();
  EXPECT_EQ(last(), 3 * testing::kSecondUs);
  Pass(3);
  EXPECT_EQ(joining.Get().generation, 1);
}

}  // namespace
}  // namespace st::group
