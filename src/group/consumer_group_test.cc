#include "group/consumer_group.h"

#include <gtest/gtest.h>

#include "group/group.h"
#include "group/stored_state.h"
#include "group/topic_pattern.h"

namespace st::group {
namespace {

TopicId Topic(std::uint8_t number) {
  std::array<std::uint8_t, 16> raw{};
  raw.back() = number;
  return TopicId(Uuid(raw));
}

const TopicId kTopic = Topic(1);

bool NobodyOwns(TopicPartition) { return false; }

ConsumerMember Member(std::int32_t epoch, std::set<std::int32_t> assigned,
                      std::set<std::int32_t> target) {
  ConsumerMember member{.id = "m"};
  member.epoch = epoch;
  if (!assigned.empty()) member.assigned[kTopic] = std::move(assigned);
  if (!target.empty()) member.target[kTopic] = std::move(target);
  return member;
}

TEST(Reconciled, AMemberThatHasItsTargetStays) {
  const auto member = Member(3, {1}, {1});
  EXPECT_EQ(Reconciled(member, 3, nullptr, NobodyOwns), member);
}

TEST(Reconciled, WhatIsFreeIsGivenAtOnce) {
  const auto now = Reconciled(Member(0, {}, {0, 1}), 1, nullptr, NobodyOwns);
  EXPECT_EQ(now.state, MemberState::kStable);
  EXPECT_EQ(now.epoch, 1);
  EXPECT_EQ(now.assigned, (AssignedPartitions{{kTopic, {0, 1}}}));
}

TEST(Reconciled, AMemberKeepsItsEpochUntilItGaveUpWhatItIsToLose) {
  const auto told = Reconciled(Member(1, {0, 1}, {0, 2}), 2, nullptr, NobodyOwns);
  EXPECT_EQ(told.state, MemberState::kUnrevoked);
  EXPECT_EQ(told.epoch, 1);
  EXPECT_EQ(told.assigned, (AssignedPartitions{{kTopic, {0}}}));
  EXPECT_EQ(told.revoking, (AssignedPartitions{{kTopic, {1}}}));
  const AssignedPartitions still{{kTopic, {0, 1}}};
  EXPECT_EQ(Reconciled(told, 2, nullptr, NobodyOwns), told) << "it did not say";
  EXPECT_EQ(Reconciled(told, 2, &still, NobodyOwns), told);
  const AssignedPartitions owned{{kTopic, {0}}};
  const auto done = Reconciled(told, 2, &owned, NobodyOwns);
  EXPECT_EQ(done.state, MemberState::kStable);
  EXPECT_EQ(done.epoch, 2);
  EXPECT_EQ(done.assigned, (AssignedPartitions{{kTopic, {0, 2}}}));
  EXPECT_TRUE(done.revoking.empty());
}

TEST(Reconciled, WhatAnotherStillHasIsWaitedFor) {
  const auto is_owned = [](TopicPartition tp) { return tp.partition == PartitionId(1); };
  const auto waits = Reconciled(Member(0, {}, {0, 1}), 2, nullptr, is_owned);
  EXPECT_EQ(waits.state, MemberState::kUnreleased);
  EXPECT_EQ(waits.epoch, 2);
  EXPECT_EQ(waits.assigned, (AssignedPartitions{{kTopic, {0}}}));
  const auto done = Reconciled(waits, 2, nullptr, NobodyOwns);
  EXPECT_EQ(done.state, MemberState::kStable);
  EXPECT_EQ(done.assigned, (AssignedPartitions{{kTopic, {0, 1}}}));
}

TEST(ConsumerGroup, APartitionIsOwnedUntilItIsGivenUp) {
  ConsumerGroup group;
  auto member = Member(1, {0}, {0});
  member.revoking[kTopic] = {1};
  group.Put(member);
  EXPECT_TRUE(group.IsOwned({kTopic, PartitionId(0)}));
  EXPECT_TRUE(group.IsOwned({kTopic, PartitionId(1)}));
  member.revoking.clear();
  group.Put(member);
  EXPECT_FALSE(group.IsOwned({kTopic, PartitionId(1)}));
  group.Remove("m");
  EXPECT_FALSE(group.IsOwned({kTopic, PartitionId(0)}));
}

TEST(ConsumerGroup, AnInstanceBelongsToOneMember) {
  ConsumerGroup group;
  ConsumerMember member{.id = "m", .instance = "one"};
  group.Put(member);
  member.instance = "two";
  group.Put(member);
  EXPECT_EQ(group.FindInstance("one"), nullptr);
  group.Rename("m", "n");
  EXPECT_EQ(*group.FindInstance("two"), "n");
  group.Remove("n");
  EXPECT_EQ(group.FindInstance("two"), nullptr);
}

TEST(ConsumerGroup, SubscriptionsAreTheSameByKafkasRule) {
  ConsumerGroup group;
  ConsumerMember first{.id = "a"};
  ConsumerMember second{.id = "b"};
  first.topics = second.topics = {"t"};
  group.Put(first);
  group.Put(second);
  EXPECT_TRUE(group.IsHomogeneous());
  second.pattern = "t.*";
  group.Put(second);
  EXPECT_FALSE(group.IsHomogeneous());
  first.topics.clear();
  second.topics.clear();
  first.pattern = "t.*";
  group.Put(first);
  group.Put(second);
  EXPECT_TRUE(group.IsHomogeneous());
}

TEST(ConsumerGroup, MembersAreCountedByPattern) {
  ConsumerGroup group;
  ConsumerMember first{.id = "a"};
  ConsumerMember second{.id = "b"};
  first.pattern = second.pattern = "t.*";
  group.Put(first);
  group.Put(second);
  group.Put(second);
  EXPECT_EQ(group.CountPattern("t.*"), 2);
  second.pattern = "u.*";
  second.instance = "one";
  group.Put(second);
  EXPECT_EQ(group.CountPattern("t.*"), 1);
  EXPECT_EQ(group.Patterns(), (std::set<std::string>{"t.*", "u.*"}));
  group.Rename("b", "c");
  EXPECT_EQ(group.CountPattern("u.*"), 1);
  group.Remove("c");
  EXPECT_EQ(group.CountPattern("u.*"), 0);
  first.pattern = "";
  group.Put(first);
  EXPECT_TRUE(group.Patterns().empty()) << "an empty pattern is none";
}

ConsumerGroup Everything() {
  ConsumerGroup group;
  group.epoch = 7;
  group.assignment_epoch = 6;
  group.metadata_hash = 99;
  group.patterns["t.*"] = {.topics = {"t1", "t2"}, .topic_count = 5, .at_ms = 8};
  auto member = Member(5, {0, 1, 7}, {1, 2, 1023});
  member.instance = "i";
  member.rack = "r";
  member.client_id = "c";
  member.client_host = "/h";
  member.rebalance_timeout_ms = 9;
  member.topics = {"a", "b"};
  member.pattern = "t.*";
  member.assignor = "range";
  member.previous_epoch = 4;
  member.state = MemberState::kUnrevoked;
  member.revoking[Topic(2)] = {3};
  group.Put(member);
  group.Put(ConsumerMember{.id = "n"});
  return group;
}

Group Stored() {
  Group group("g");
  group.consumers = std::make_unique<ConsumerGroup>(Everything());
  return group;
}

TEST(StoredConsumers, ComeBackAsTheyWere) {
  Group back("g");
  ASSERT_TRUE(DecodeState(EncodeState(Stored(), State::kEmpty), back));
  ASSERT_TRUE(back.consumers);
  const auto want = Everything();
  EXPECT_EQ(back.consumers->members(), want.members());
  EXPECT_EQ(back.consumers->patterns, want.patterns);
  EXPECT_EQ(back.consumers->epoch, 7);
  EXPECT_EQ(back.consumers->assignment_epoch, 6);
  EXPECT_EQ(back.consumers->metadata_hash, 99U);
  EXPECT_TRUE(back.consumers->IsOwned({Topic(2), PartitionId(3)}));
}

TEST(StoredConsumers, DamageIsRefused) {
  const auto bytes = EncodeState(Stored(), State::kEmpty);
  for (std::size_t n = 1; n < bytes.size(); ++n) {
    Group back("g");
    EXPECT_FALSE(DecodeState(bytes.substr(0, n), back)) << n;
  }
  Group back("g");
  auto newer = bytes;
  newer[0] = 4;
  EXPECT_EQ(DecodeState(newer, back).error().code(), ErrorCode::kUnsupported);
}

TEST(TopicPattern, MatchesWholeNames) {
  const auto never = [] { return false; };
  EXPECT_EQ(MatchingTopics("a.c", {"abc", "abcd", "xabc", "a.c"}, never),
            (std::set<std::string>{"a.c", "abc"}));
  EXPECT_TRUE(MatchingTopics("(", {"("}, never).empty());
  int left = 2;
  EXPECT_EQ(MatchingTopics(".*", {"a", "b", "c"}, [&] { return left-- == 0; }),
            (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(PatternError("a.*"), std::nullopt);
  EXPECT_EQ(PatternError("["), "missing closing ]");
  EXPECT_EQ(PatternError(std::string(2'000, 'a')), "expression too large");
}

}  // namespace
}  // namespace st::group
