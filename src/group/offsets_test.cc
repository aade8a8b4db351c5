#include <string>

#include "group/coordinator.h"
#include "group/limits.h"
#include "group/retention.h"
#include "group/testing.h"

namespace st::group {
namespace {

using testing::Promised;

constexpr std::int64_t kDayS = 24 * 3600;

class OffsetsTest : public testing::GroupTest {
 protected:
  MemberRef Nobody(const std::string& group = "g") const {
    return {.group = group, .member = "", .instance = {}};
  }
  Outcome Delete(const std::string& group) {
    Promised<Outcome> done;
    coordinator_->Delete(group, done.Setter());
    return done.Get();
  }
  // As a consumer's subscription: version 1, topics, no user data.
  static std::string Subscription(const std::string& topic) {
    std::string bytes("\0\1\0\0\0\1\0", 7);
    return bytes + static_cast<char>(topic.size()) + topic + std::string(4, '\xFF');
  }
  JoinAnswer Subscribed(const std::string& topic) {
    auto request = RequestOf("");
    request.protocols = {{"range", Subscription(topic)}};
    const auto joined = Join(request).Get();
    Sync(joined, {{joined.member, "x"}}).Get();
    return joined;
  }
};

TEST_F(OffsetsTest, AreCommittedByMembersOfTheGeneration) {
  const auto [first, second] = TwoMembers();
  EXPECT_EQ(Commit(RefOf(first), 5), Outcome::kDone);
  EXPECT_EQ(Committed(), 5);
  EXPECT_EQ(coordinator_->OffsetsOf("g").at(Tp(0)).metadata, "note");
  EXPECT_EQ(Commit({.group = "g", .member = first.member, .instance = {}, .generation = 1}, 9),
            Outcome::kIllegalGeneration);
  EXPECT_EQ(Commit({.group = "g", .member = "other", .instance = {}, .generation = 2}, 9),
            Outcome::kUnknownMember);
  EXPECT_EQ(Commit(Nobody(), 9), Outcome::kUnknownMember) << "the group has members";
  EXPECT_EQ(Commit({.group = "new", .member = "m", .instance = {}, .generation = 2}, 9),
            Outcome::kGroupIdNotFound);
  EXPECT_EQ(Committed(), 5);
  Kill();
  EXPECT_EQ(Committed(), 5);
}

TEST_F(OffsetsTest, AreRefusedWhileTheAssignmentIsMade) {
  const auto joined = Join().Get();
  EXPECT_EQ(Commit(RefOf(joined), 1), Outcome::kRebalanceInProgress);
  Sync(joined, {}).Get();
  const auto second = Join();
  EXPECT_EQ(StateOf(), "PreparingRebalance");
  EXPECT_EQ(Commit(RefOf(joined), 1), Outcome::kDone) << "before it gives up its partitions";
}

TEST_F(OffsetsTest, ACommitIsASignOfLife) {
  const auto joined = OneMember();
  for (int i = 0; i < 3; ++i) {
    Pass(6);
    EXPECT_EQ(Commit(RefOf(joined), i), Outcome::kDone);
  }
  EXPECT_EQ(Heartbeat(joined), Outcome::kDone);
}

TEST_F(OffsetsTest, OfAConsumerWithoutAGroupAreKeptToo) {
  EXPECT_EQ(Commit(Nobody("alone"), 3, 1), Outcome::kDone);
  EXPECT_EQ(Committed(1, "alone"), 3);
  EXPECT_EQ(StateOf("alone"), "Empty");
  Kill();
  EXPECT_EQ(Committed(1, "alone"), 3);
  EXPECT_EQ(coordinator_->List().size(), 1U);
  EXPECT_EQ(coordinator_->List()[0].protocol_type, "");
}

TEST_F(OffsetsTest, ExpireAfterTheGroupWasEmptyForTheirRetention) {
  const auto joined = OneMember();
  Commit(RefOf(joined), 5);
  for (int i = 0; i < 8; ++i) {
    clock_.Advance(kDayS * testing::kSecondUs);
    EXPECT_EQ(Heartbeat(joined), Outcome::kDone);
    coordinator_->Step();
  }
  EXPECT_EQ(Committed(), 5) << "the group has a member";
  Leave(joined.member);
  Pass(6 * kDayS);
  EXPECT_EQ(Committed(), 5);
  Pass(kDayS + 1);
  while (StateOf() != "none") Pass(61);  // the commit thread may still store that it is empty
  Kill();
  EXPECT_EQ(StateOf(), "none");
}

TEST_F(OffsetsTest, OfATopicThatNobodyReadsAnyMoreExpireInAStableGroup) {
  Group group("g");
  const auto now_ms = clock_.NowUs() / 1'000;
  group.offsets[Tp(0)].committed.commit_time_ms = now_ms;
  EXPECT_TRUE(ExpiredOffsets(group, 10, now_ms + 9, *log_).empty());
  EXPECT_EQ(ExpiredOffsets(group, 10, now_ms + 10, *log_), std::vector{Tp(0)});
  group.offsets[Tp(0)].committed.expire_time_ms = now_ms + 5;
  EXPECT_EQ(ExpiredOffsets(group, 10, now_ms + 5, *log_), std::vector{Tp(0)});
  group.offsets[Tp(0)].committed.expire_time_ms = -1;
  group.protocol_type = "consumer";
  group.protocol = "range";
  group.Add({.id = "m",
             .instance = {},
             .client_id = {},
             .client_host = {},
             .protocols = {{"range", Subscription("events")}},
             .assignment = {},
             .joining = {},
             .syncing = {},
             .charge = {}});
  group.Restore(State::kStable, now_ms);
  EXPECT_TRUE(ExpiredOffsets(group, 10, now_ms + 100, *log_).empty());
  group.Find("m")->protocols[0].metadata = Subscription("others");
  EXPECT_EQ(ExpiredOffsets(group, 10, now_ms + 100, *log_), std::vector{Tp(0)});
  group.Find("m")->protocols[0].metadata = "no subscription";
  EXPECT_TRUE(ExpiredOffsets(group, 10, now_ms + 100, *log_).empty());
}

TEST_F(OffsetsTest, OfADeletedTopicExpireAtOnce) {
  Group group("g");
  const auto now_ms = clock_.NowUs() / 1'000;
  group.offsets[Tp(0)].committed.commit_time_ms = now_ms;
  EXPECT_TRUE(ExpiredOffsets(group, 10, now_ms, *log_).empty());
  std::promise<Status> deleted;
  log_->DeleteTopic(Tp(0).topic, [&](Status status) { deleted.set_value(std::move(status)); });
  ASSERT_TRUE(deleted.get_future().get());
  EXPECT_EQ(ExpiredOffsets(group, 10, now_ms, *log_), std::vector{Tp(0)});
}

TEST_F(OffsetsTest, AreRemovedWhereNoMemberReadsTheirTopic) {
  Commit(Nobody(), 5, 0);
  Commit(Nobody(), 6, 1);
  EXPECT_EQ(coordinator_->MayRemoveOffsets("nowhere", {}), Outcome::kGroupIdNotFound);
  const auto joined = Subscribed("events");
  EXPECT_EQ(coordinator_->MayRemoveOffsets("g", "events"), Outcome::kSubscribedToTopic);
  EXPECT_EQ(coordinator_->MayRemoveOffsets("g", "others"), Outcome::kDone);
  Leave(joined.member);
  EXPECT_EQ(coordinator_->MayRemoveOffsets("g", "events"), Outcome::kDone);
  Promised<Outcome> done;
  coordinator_->RemoveOffsets("g", {Tp(0), Tp(3)}, done.Setter());
  EXPECT_EQ(done.Get(), Outcome::kDone);
  Kill();
  EXPECT_EQ(Committed(0), -1);
  EXPECT_EQ(Committed(1), 6);
}

TEST_F(OffsetsTest, AreDeletedWithTheirEmptyGroup) {
  const auto joined = OneMember();
  Commit(RefOf(joined), 5);
  EXPECT_EQ(Delete("g"), Outcome::kNonEmptyGroup);
  EXPECT_EQ(Delete("nowhere"), Outcome::kGroupIdNotFound);
  EXPECT_EQ(Delete(""), Outcome::kGroupIdNotFound);
  Leave(joined.member);
  EXPECT_EQ(Delete("g"), Outcome::kDone);
  EXPECT_EQ(StateOf(), "none");
  EXPECT_EQ(Committed(), -1);
  Kill();
  EXPECT_EQ(StateOf(), "none");
}

}  // namespace
}  // namespace st::group
