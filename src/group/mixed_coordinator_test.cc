// Groups with members of both protocols as the coordinator keeps them. What each request is
// answered is compared with Kafka's answers in tests/clients.
#include <algorithm>

#include "base/coding.h"
#include "format/kafka/consumer_protocol.h"
#include "group/coordinator.h"
#include "group/testing.h"

namespace st::group {
namespace {

using testing::ConsumersTest;
using testing::Promised;

using Partitions = std::vector<std::int32_t>;

// Of topic "events", by a member that has these partitions of it; of version 1.
std::string SubscriptionOf(const Partitions& owned) {
  std::string bytes;
  AppendBig<std::int16_t>(bytes, 1);
  AppendBig<std::int32_t>(bytes, 1);
  AppendBig<std::int16_t>(bytes, 6);
  bytes += "events";
  AppendBig<std::int32_t>(bytes, -1);
  AppendBig<std::int32_t>(bytes, owned.empty() ? 0 : 1);
  if (owned.empty()) return bytes;
  return bytes +
         kafka::EncodeAssignment(0, {{"events", owned}}).substr(6, 2 + 6 + 4 + 4 * owned.size());
}

std::string AssignmentOf(const Partitions& partitions) {
  return kafka::EncodeAssignment(1, {{"events", partitions}});
}

class MixedTest : public ConsumersTest {
 protected:
  JoinRequest ClassicOf(const std::string& member, const Partitions& owned = {}) const {
    auto request = RequestOf(member);
    request.protocols = {{"range", SubscriptionOf(owned)}};
    return request;
  }
  JoinAnswer JoinClassic(const std::string& member = "", const Partitions& owned = {}) {
    return Join(ClassicOf(member, owned)).Get();
  }
  // A stable classic group of one, which has all partitions.
  JoinAnswer Classic(const Partitions& partitions = {0, 1, 2, 3}) {
    const auto joined = JoinClassic();
    Sync(joined, {{joined.member, AssignmentOf(partitions)}}).Get();
    return joined;
  }
  // What the member's SyncGroup gives it.
  Partitions Assigned(const JoinAnswer& joined) {
    const auto synced = Sync(joined).Get();
    EXPECT_EQ(synced.outcome, Outcome::kDone);
    const auto assignment = kafka::DecodeAssignment(synced.assignment);
    return assignment && !assignment->topics.empty() ? assignment->topics[0].partitions
                                                     : Partitions();
  }
  // A classic member with partitions 0 and 1, and a member "n" of the new protocol with 2 and 3.
  JoinAnswer Mixed() {
    const auto old = Classic();
    EXPECT_EQ(Enter("n").epoch, 2);
    const auto again = JoinClassic(old.member);
    EXPECT_EQ(Assigned(again), (Partitions{0, 1}));
    EXPECT_EQ(Beat("n", 2).assignment, Of({2, 3}));
    EXPECT_EQ(State().state, "Stable");
    return again;
  }
  // "n" does what it is told, and says so.
  void Settle() {
    for (int i = 0; i < 2; ++i) {
      const auto members = State().members;
      const auto n = std::ranges::find(members, "n", &DescribedConsumer::id);
      ASSERT_NE(n, members.end());
      const auto has = n->assigned.find(topic_);
      Beat("n", n->epoch, has == n->assigned.end() ? std::set<std::int32_t>() : has->second);
    }
  }
  std::string_view Type() { return coordinator_->List().at(0).type; }
};

TEST_F(MixedTest, AClassicMemberGivesUpItsPartBeforeTheNewOneGetsIt) {
  const auto old = Classic();
  const auto entered = Enter("n");
  EXPECT_EQ(entered.epoch, 2);
  EXPECT_EQ(entered.assignment, AssignedPartitions());
  EXPECT_EQ(Type(), kConsumerGroup);
  EXPECT_EQ(Heartbeat(old), Outcome::kRebalanceInProgress);
  EXPECT_EQ(Sync(old).Get().outcome, Outcome::kRebalanceInProgress);
  EXPECT_EQ(Commit(RefOf(old), 5), Outcome::kDone) << "it commits before it joins again";
  EXPECT_EQ(Beat("n", 2).assignment, std::nullopt);
  const auto again = JoinClassic(old.member);
  EXPECT_EQ(again.generation, 2);
  EXPECT_EQ(again.leader, "");
  EXPECT_EQ(Assigned(again), (Partitions{0, 1}));
  EXPECT_EQ(Commit(RefOf(old), 6), Outcome::kIllegalGeneration);
  EXPECT_EQ(Beat("n", 2).assignment, Of({2, 3}));
  EXPECT_EQ(Heartbeat(again), Outcome::kDone);
  EXPECT_EQ(Committed(), 5);
}

TEST_F(MixedTest, AMemberThatRebalancesCooperativelyKeepsReadingMeanwhile) {
  const auto old = Classic();
  Enter("n");
  const auto again = JoinClassic(old.member, {0, 1, 2, 3});
  EXPECT_EQ(again.generation, 1) << "it has still to give up";
  EXPECT_EQ(Assigned(again), (Partitions{0, 1}));
  EXPECT_EQ(Heartbeat(again), Outcome::kRebalanceInProgress);
  EXPECT_EQ(Beat("n", 2).assignment, std::nullopt);
  const auto last = JoinClassic(old.member, {0, 1});
  EXPECT_EQ(last.generation, 2);
  EXPECT_EQ(Beat("n", 2).assignment, Of({2, 3}));
}

TEST_F(MixedTest, GoesOnOverAKill) {
  const auto old = Mixed();
  Kill();
  EXPECT_EQ(State().epoch, 2);
  EXPECT_EQ(Heartbeat(old), Outcome::kDone);
  EXPECT_EQ(Assigned(old), (Partitions{0, 1}));
  EXPECT_EQ(Beat("n", 2).outcome, Outcome::kDone);
  EXPECT_EQ(State().state, "Stable");
  Pass(15);
  EXPECT_EQ(Heartbeat(old), Outcome::kUnknownMember) << "its session is its own";
  EXPECT_EQ(Beat("n", 2).assignment, Of({0, 1, 2, 3}));
}

TEST_F(MixedTest, AnUpgradeGoesOnOverAKill) {
  const auto old = Classic();
  Enter("n");
  Kill();
  EXPECT_EQ(Heartbeat(old), Outcome::kRebalanceInProgress);
  EXPECT_EQ(Beat("n", 2).assignment, std::nullopt) << "the classic member still has all";
  EXPECT_EQ(Assigned(JoinClassic(old.member)), (Partitions{0, 1}));
  EXPECT_EQ(Beat("n", 2).assignment, Of({2, 3}));
}

TEST_F(MixedTest, WithoutItsLastMemberOfTheNewProtocolItIsAClassicGroup) {
  const auto old = Mixed();
  EXPECT_EQ(Beat("n", kLeaveEpoch).outcome, Outcome::kDone);
  EXPECT_EQ(Type(), kClassicGroup);
  EXPECT_EQ(StateOf(), "PreparingRebalance");
  EXPECT_EQ(Beat("n", 2).outcome, Outcome::kGroupIdNotFound);
  EXPECT_EQ(Heartbeat(old), Outcome::kRebalanceInProgress);
  const auto again = JoinClassic(old.member);
  EXPECT_EQ(again.generation, 3);
  EXPECT_EQ(again.leader, old.member);
  Sync(again, {{old.member, AssignmentOf({0, 1, 2, 3})}}).Get();
  EXPECT_EQ(StateOf(), "Stable");
  EXPECT_EQ(Enter("n").epoch, 4) << "and back";
}

TEST_F(MixedTest, ADowngradeGoesOnOverAKill) {
  const auto old = Mixed();
  Beat("n", kLeaveEpoch);
  Kill();
  EXPECT_EQ(Type(), kClassicGroup);
  EXPECT_EQ(StateOf(), "Stable");
  EXPECT_EQ(Heartbeat(old), Outcome::kDone);
  EXPECT_EQ(Assigned(old), (Partitions{0, 1})) << "what it was assigned last";
  EXPECT_GT(JoinClassic(old.member).generation, 2);
}

TEST_F(MixedTest, ASilentMemberOfTheNewProtocolLeavesAClassicGroup) {
  const auto old = Mixed();
  for (int i = 0; i < 10; ++i) {
    Pass(5);
    Heartbeat(old);
  }
  EXPECT_EQ(Type(), kClassicGroup);
  EXPECT_EQ(StateOf(), "PreparingRebalance");
}

TEST_F(MixedTest, AClassicMemberThatDoesNotJoinInTimeIsRemoved) {
  const auto old = Mixed();
  auto more = RequestOf("n", 2);
  more.topics = {"events", "others"};
  EXPECT_EQ(Beat(more).epoch, 3);
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(Heartbeat(old), Outcome::kRebalanceInProgress);
    Settle();
    Pass(9);
  }
  EXPECT_EQ(Heartbeat(old), Outcome::kUnknownMember) << "it had 60 s";
  Settle();
  EXPECT_EQ(State().members.size(), 1U);
  EXPECT_EQ(State().state, "Stable");
}

TEST_F(MixedTest, TheTimeToJoinAgainMayBeShorterThanAllSessions) {
  const auto old = Classic();
  Enter("n");
  auto request = ClassicOf(old.member);
  request.rebalance_timeout_ms = 2'000;
  const auto again = Join(request).Get();
  EXPECT_EQ(Assigned(again), (Partitions{0, 1}));
  Beat("n", 2);
  auto more = RequestOf("n", 2);
  more.topics = {"events", "others"};
  Beat(more);
  EXPECT_EQ(Heartbeat(again), Outcome::kRebalanceInProgress);
  Pass(1);
  EXPECT_EQ(State().members.size(), 2U);
  Pass(1);
  EXPECT_EQ(Heartbeat(again), Outcome::kUnknownMember) << "it had 2 s";
}

TEST_F(MixedTest, AClassicMemberThatDoesNotAskForItsAssignmentInTimeIsRemoved) {
  Enter("n");
  const auto old = JoinClassic();
  for (int i = 0; i < 7; ++i) {
    EXPECT_NE(Heartbeat(old), Outcome::kUnknownMember);
    Settle();
    Pass(9);
  }
  EXPECT_EQ(Heartbeat(old), Outcome::kUnknownMember) << "it had 60 s";
}

TEST_F(MixedTest, AClassicMemberJoinsAGroupOfTheNewProtocol) {
  Enter("n");
  auto request = ClassicOf("");
  request.must_know_id = true;
  const auto first = Join(request).Get();
  EXPECT_EQ(first.outcome, Outcome::kMemberIdRequired);
  const auto old = JoinClassic(first.member);
  EXPECT_EQ(old.generation, 2);
  EXPECT_EQ(Assigned(old), Partitions());
  EXPECT_EQ(Beat("n", 1).assignment, Of({0, 1}));
  EXPECT_EQ(Heartbeat(old), Outcome::kDone) << "it waits for the other";
  EXPECT_EQ(Beat("n", 1, {{0, 1}}).epoch, 2);
  EXPECT_EQ(Heartbeat(old), Outcome::kRebalanceInProgress) << "what it waited for is free";
  EXPECT_EQ(Assigned(JoinClassic(old.member)), (Partitions{2, 3}));
  Leave(old.member);
  EXPECT_EQ(Beat("n", 2).assignment, Of({0, 1, 2, 3}));
  EXPECT_EQ(Type(), kConsumerGroup);
}

TEST_F(MixedTest, WhoWaitsInAClassicRebalanceIsToldToJoinAgain) {
  const auto old = Classic();
  const auto second = Join(ClassicOf(""));
  EXPECT_EQ(Enter("n").epoch, 2);
  EXPECT_EQ(second.Get().outcome, Outcome::kRebalanceInProgress);
  EXPECT_EQ(JoinClassic(second.Get().member).generation, 2);
  EXPECT_EQ(JoinClassic(old.member).generation, 2);
  EXPECT_EQ(State().members.size(), 3U);
}

TEST_F(MixedTest, WhatWasAssignedBeforeAClassicRebalanceIsStillHeld) {
  const auto old = Classic();
  const auto second = Join(ClassicOf(""));
  const auto again = JoinClassic(old.member, {0, 1, 2, 3});
  const auto waiting = Sync(second.Get());
  EXPECT_EQ(StateOf(), "CompletingRebalance");
  EXPECT_EQ(Enter("n").assignment, AssignedPartitions()) << "its client may still read";
  EXPECT_EQ(waiting.Get().outcome, Outcome::kRebalanceInProgress);
  EXPECT_EQ(Sync(again, {{again.member, AssignmentOf({0})}}).Get().outcome,
            Outcome::kRebalanceInProgress);
}

TEST_F(MixedTest, PartitionsThatTheTopicDoesNotHaveAreDropped) {
  Classic({0, 9, 2'000'000'000});
  Enter("n");
  EXPECT_EQ(State().members.at(0).is_classic ? State().members.at(0).assigned
                                             : State().members.at(1).assigned,
            Of({0}));
  Kill();
  EXPECT_EQ(State().members.size(), 2U);
}

TEST_F(MixedTest, AGroupForWhoseMembersThereIsNoRoomStaysClassic) {
  const auto old = Classic();
  auto join = JoinOf("n");
  for (int i = 0; i < 20'000; ++i) join.topics->insert(std::string(1'900, 'x') + std::to_string(i));
  EXPECT_EQ(Beat(join).outcome, Outcome::kNoRoom);
  EXPECT_EQ(Type(), kClassicGroup);
  EXPECT_EQ(StateOf(), "Stable");
  EXPECT_EQ(Heartbeat(old), Outcome::kDone);
  Kill();
  EXPECT_EQ(Heartbeat(old), Outcome::kDone);
}

TEST_F(MixedTest, AGroupOfTooManyMembersStaysClassic) {
  settings_.max_size = 2;
  Kill();
  TwoMembers();
  EXPECT_EQ(Enter("n").outcome, Outcome::kGroupIdNotFound) << "its subscriptions are none";
  Leave(coordinator_->Describe("g")->members.at(0).id);
  Leave(coordinator_->Describe("g")->members.at(0).id);
  const auto old = Classic();
  EXPECT_EQ(Enter("n").epoch, old.generation + 1);
  EXPECT_EQ(Enter("m").outcome, Outcome::kGroupFull);
  EXPECT_EQ(JoinClassic().outcome, Outcome::kGroupFull);
}

TEST_F(MixedTest, WithoutTheLogNobodyIsToldOfAnotherProtocol) {
  const auto old = Mixed();
  const auto second = Begin(JoinOf("m"));
  EXPECT_EQ(second.Get().epoch, 3);
  log_->Stop();
  EXPECT_EQ(JoinClassic(old.member).outcome, Outcome::kNotAvailable);
  EXPECT_EQ(Beat("m", kLeaveEpoch).outcome, Outcome::kNotAvailable);
  EXPECT_EQ(Beat("n", kLeaveEpoch).outcome, Outcome::kNotAvailable) << "it would be classic";
}

// What is under way when a group changes its protocol is about the group as it was.
TEST_F(MixedTest, ChangesOfTheProtocolFollowEachOther) {
  auto old = Classic();
  for (int i = 0; i < 5; ++i) {
    const auto entered = Begin(JoinOf("n"));
    Promised<ConsumerHeartbeatAnswer> left;
    coordinator_->Heartbeat(RequestOf("n", kLeaveEpoch), left.Setter());
    const auto back = Begin(JoinOf("n"));
    EXPECT_EQ(entered.Get().outcome, Outcome::kDone);
    EXPECT_EQ(left.Get().outcome, Outcome::kDone);
    EXPECT_EQ(back.Get().outcome, Outcome::kDone);
    EXPECT_EQ(Type(), kConsumerGroup);
    const auto epoch = State().epoch;
    EXPECT_EQ(back.Get().epoch, epoch);
    Kill();
    EXPECT_EQ(State().epoch, epoch);
    Beat("n", kLeaveEpoch);
    EXPECT_EQ(Type(), kClassicGroup);
    old = JoinClassic(old.member);
    EXPECT_GT(old.generation, epoch);
    Sync(old, {{old.member, AssignmentOf({0, 1, 2, 3})}}).Get();
  }
}

}  // namespace
}  // namespace st::group
