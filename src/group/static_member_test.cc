#include "group/membership.h"
#include "group/testing.h"

namespace st::group {
namespace {

class StaticMemberTest : public testing::GroupTest {
 protected:
  JoinRequest StaticRequest(const std::string& instance, const std::string& member = "") {
    auto request = RequestOf(member);
    request.instance = instance;
    request.may_skip_assignment = true;
    return request;
  }
  // A stable group of "one", which leads it, and "two".
  void Begin() {
    first_ = Join(StaticRequest("one")).Get();
    Sync(first_, {{first_.member, "all"}}).Get();
    const auto second = Join(StaticRequest("two"));
    first_ = Join(StaticRequest("one", first_.member)).Get();
    second_ = second.Get();
    const auto waits = Sync(second_);
    Sync(first_, {{first_.member, "a"}, {second_.member, "b"}}).Get();
    EXPECT_EQ(waits.Get().assignment, "b");
  }
  Outcome HeartbeatOf(const JoinAnswer& joined, const std::string& instance) {
    auto ref = RefOf(joined);
    ref.instance = instance;
    return coordinator_->Heartbeat(ref);
  }

  JoinAnswer first_;
  JoinAnswer second_;
};

TEST_F(StaticMemberTest, ComesBackUnderAnotherIdWithoutARebalance) {
  Begin();
  EXPECT_TRUE(second_.member.starts_with("two-"));
  const auto again = Join(StaticRequest("two")).Get();
  EXPECT_EQ(again.outcome, Outcome::kDone);
  EXPECT_NE(again.member, second_.member);
  EXPECT_EQ(again.generation, second_.generation);
  EXPECT_FALSE(again.skips_assignment);
  EXPECT_EQ(Sync(again).Get().assignment, "b");
  EXPECT_EQ(HeartbeatOf(again, "two"), Outcome::kDone);
  EXPECT_EQ(HeartbeatOf(second_, "two"), Outcome::kFencedInstance);
  EXPECT_EQ(HeartbeatOf(first_, "three"), Outcome::kUnknownMember);
  EXPECT_EQ(StateOf(), "Stable");
  Kill();
  EXPECT_EQ(HeartbeatOf(again, "two"), Outcome::kDone) << "the new id is durable";
}

TEST_F(StaticMemberTest, TheLeaderComesBackAndSkipsTheAssignment) {
  Begin();
  const auto again = Join(StaticRequest("one")).Get();
  EXPECT_TRUE(again.skips_assignment);
  EXPECT_EQ(again.leader, again.member);
  EXPECT_EQ(again.members.size(), 2U);
  auto older = StaticRequest("one");
  older.may_skip_assignment = false;
  const auto without = Join(older).Get();
  EXPECT_FALSE(without.skips_assignment);
  EXPECT_EQ(without.leader, again.member) << "an older client must not assign";
  EXPECT_TRUE(without.members.empty());
}

TEST_F(StaticMemberTest, MoreProtocolsOfWhichTheSameIsChosenAreNoRebalance) {
  Begin();
  auto request = StaticRequest("two");
  request.protocols = {{"range", "topics"}, {"sticky", "topics"}};
  EXPECT_EQ(Join(request).Get().generation, second_.generation) << "the same is chosen";
  EXPECT_EQ(HeartbeatOf(first_, "one"), Outcome::kDone);
}

TEST_F(StaticMemberTest, WhoseFirstTryStillWaitsIsFenced) {
  Begin();
  auto more = StaticRequest("two", second_.member);
  more.protocols[0].metadata = "more";
  const auto waits = Join(more);
  const auto again = Join(StaticRequest("two"));
  EXPECT_EQ(waits.Get().outcome, Outcome::kFencedInstance);
  EXPECT_EQ(Join(StaticRequest("one", first_.member)).Get().members.size(), 2U);
  EXPECT_EQ(again.Get().outcome, Outcome::kDone);
}

TEST_F(StaticMemberTest, KeepsItsPlaceUntilItsSessionEnds) {
  Begin();
  Pass(6);
  EXPECT_EQ(HeartbeatOf(first_, "one"), Outcome::kDone);
  Pass(6);
  EXPECT_EQ(HeartbeatOf(second_, "two"), Outcome::kUnknownMember);
  EXPECT_EQ(HeartbeatOf(first_, "one"), Outcome::kRebalanceInProgress);
}

TEST_F(StaticMemberTest, LeavesByItsInstance) {
  Begin();
  const auto left = coordinator_->Leave("g", {{.member = "", .instance = "two"},
                                              {.member = "", .instance = "nobody"},
                                              {.member = second_.member, .instance = "one"}});
  EXPECT_EQ(left.members,
            (std::vector{Outcome::kDone, Outcome::kUnknownMember, Outcome::kFencedInstance}));
  EXPECT_EQ(HeartbeatOf(first_, "one"), Outcome::kRebalanceInProgress);
}

}  // namespace
}  // namespace st::group
