#include "log/groups.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "log/largest_state.h"
#include "log/limits.h"
#include "log/reader/segment.h"
#include "log/testing.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;

Status ChangeAndWait(LocalLog& log, const GroupChange& change) {
  std::promise<Status> done;
  auto result = done.get_future();
  log.ChangeGroup(change, [&done](Status status) { done.set_value(std::move(status)); });
  return result.get();
}

CommittedOffset At(std::int64_t offset, const std::string& metadata = "") {
  return {.offset = Offset(offset),
          .leader_epoch = 3,
          .commit_time_ms = 1'000 + offset,
          .metadata = metadata};
}

class GroupsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    topic_ = log_->CreateTopic("events", 2).value().id;
  }
  void Open() {
    log_.reset();
    auto log = LocalLog::Open({*fs_, clock_, *random_}, options_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
  }
  // As a kill leaves the disk.
  void Kill() {
    auto disk = fs_->Crash(*random_);
    log_.reset();
    fs_ = std::move(disk);
    Open();
  }
  TopicPartition Tp(std::int32_t partition) const { return {topic_, PartitionId(partition)}; }
  void Roll() {
    const auto segment = log_->durable_end().segment;
    while (log_->durable_end().segment == segment) {
      ASSERT_TRUE(AppendAndWait(*log_, Tp(1), Batch({std::string(300'000, 'x')})));
    }
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  LogOptions options_{
      .dir = "/log", .segment_bytes = kMinSegmentBytes, .allocate_chunk_bytes = 64 << 10};
  std::unique_ptr<LocalLog> log_;
  TopicId topic_;
};

TEST_F(GroupsTest, ChangesSurviveAKillAndAreInTheCheckpoint) {
  ASSERT_TRUE(ChangeAndWait(*log_, {.group = "a",
                                    .state = "first",
                                    .committed = {{Tp(0), At(5, "note")}, {Tp(1), At(7)}},
                                    .removed = {}}));
  ASSERT_TRUE(ChangeAndWait(*log_, {.group = "b", .committed = {{Tp(0), At(1)}}, .removed = {}}));
  ASSERT_TRUE(
      ChangeAndWait(*log_, {.group = "c", .state = "gone", .committed = {}, .removed = {}}));
  Kill();
  const StoredGroup a{"first", {{Tp(0), At(5, "note")}, {Tp(1), At(7)}}};
  const StoredGroup b{"", {{Tp(0), At(1)}}};
  EXPECT_EQ(log_->TakeRecoveredGroups(), (StoredGroups{{"a", a}, {"b", b}, {"c", {"gone", {}}}}));
  EXPECT_TRUE(log_->TakeRecoveredGroups().empty()) << "taken";
  ASSERT_TRUE(ChangeAndWait(
      *log_, {.group = "a", .state = "second", .committed = {{Tp(0), At(6)}}, .removed = {Tp(1)}}));
  ASSERT_TRUE(
      ChangeAndWait(*log_, {.group = "c", .forgets_group = true, .committed = {}, .removed = {}}));
  const StoredGroups now{{"a", {"second", {{Tp(0), At(6)}}}}, {"b", b}};
  Roll();
  Kill();
  EXPECT_EQ(log_->TakeRecoveredGroups(), now);
}

TEST_F(GroupsTest, WithoutGroupsACheckpointHasNoPartOfThem) {
  LogState state;
  const auto empty = state.EncodeCheckpoint();
  ASSERT_TRUE(
      state.Apply({.type = EntryType::kGroup},
                  EncodeGroupChange({.group = "g", .state = "s", .committed = {}, .removed = {}})));
  EXPECT_GT(state.EncodeCheckpoint().size(), empty.size());
  ASSERT_TRUE(state.Apply(
      {.type = EntryType::kGroup},
      EncodeGroupChange({.group = "g", .forgets_group = true, .committed = {}, .removed = {}})));
  EXPECT_EQ(state.EncodeCheckpoint(), empty);
}

TEST_F(GroupsTest, WhatIsBeyondTheLimitsIsRefusedAndChangesNothing) {
  GroupChange change{.group = "g",
                     .state = std::string(kMaxGroupChangeBytes, 'x'),
                     .committed = {},
                     .removed = {}};
  EXPECT_EQ(ChangeAndWait(*log_, change).error().code(), ErrorCode::kUnsupported);
  change.state->resize(kMaxGroupChangeBytes - 1'000);
  for (std::uint64_t n = 0; n < kMaxStoredGroupBytes / kMaxGroupChangeBytes; ++n) {
    change.group = std::to_string(n);
    ASSERT_TRUE(ChangeAndWait(*log_, change)) << n;
  }
  change.group = "more";
  const auto refused = ChangeAndWait(*log_, change);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
  EXPECT_TRUE(refused.error().message().contains("delete groups")) << refused.error().message();
  ASSERT_TRUE(
      ChangeAndWait(*log_, {.group = "1", .forgets_group = true, .committed = {}, .removed = {}}));
  ASSERT_TRUE(ChangeAndWait(*log_, change)) << "there is room again";
}

TEST_F(GroupsTest, DamagedOrLaterChangesAreToldApart) {
  const auto whole = EncodeGroupChange(
      {.group = "g", .state = "state", .committed = {{Tp(0), At(1, "m")}}, .removed = {Tp(1)}});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    LogState state;
    const auto applied = state.Apply({.type = EntryType::kGroup}, whole.substr(0, n));
    if (!applied) {
      EXPECT_EQ(applied.error().code(), ErrorCode::kCorruption) << n;
    }
  }
  LogState state;
  const auto later = state.Apply({.type = EntryType::kGroup}, whole + '\x63');
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code(), ErrorCode::kUnsupported);
}

// Power loss at every step of the disk: no offset that was acknowledged is lost or moves back.
TEST(GroupsCrash, NoAcknowledgedOffsetIsLostOrMovesBack) {
  struct Image {
    std::unique_ptr<os::testing::MemoryFileSystem> disk;
    std::int64_t acknowledged = -1;
  };
  std::size_t looked_at = 0;
  for (std::uint64_t seed = 1; looked_at < 500; ++seed) {
    SCOPED_TRACE(seed);
    const auto random = os::MakeSeededRandom(seed);
    os::testing::MemoryFileSystem fs;
    os::testing::StepClock clock;
    const LogOptions options{
        .dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 8 << 10};
    std::vector<Image> images;
    std::atomic<std::int64_t> acknowledged = -1;
    fs.SetHook([&](const std::string&, const std::string&) -> Status {
      images.push_back({fs.Crash(*random), acknowledged.load()});
      return {};
    });
    constexpr std::int64_t kCommits = 40;
    TopicPartition tp;
    {
      const auto log = LocalLog::Open({fs, clock, *random}, options).value();
      tp = {log->CreateTopic("t", 1).value().id, PartitionId(0)};
      for (std::int64_t i = 0; i < kCommits; ++i) {
        if (random->Next() % 4 == 0) {
          log->Append(tp, Batch({std::string(random->Next() % 100'000, 'x')}), {}, [](auto) {});
        }
        log->ChangeGroup({.group = "g", .committed = {{tp, At(i)}}, .removed = {}},
                         [&acknowledged, i](Status done) {
                           if (done) acknowledged = i;
                         });
        while (random->Next() % 3 == 0 && acknowledged < i) std::this_thread::yield();
      }
    }
    fs.SetHook({});
    ASSERT_EQ(acknowledged, kCommits - 1);
    for (auto& image : images) {
      const auto log = LocalLog::Open({*image.disk, clock, *random}, options);
      ASSERT_TRUE(log) << log.error().message();
      const auto groups = (*log)->TakeRecoveredGroups();
      const auto found = groups.find("g");
      const auto offset = found == groups.end() ? -1 : found->second.offsets.at(tp).offset.value();
      ASSERT_GE(offset, image.acknowledged);
      ASSERT_LT(offset, kCommits);
    }
    looked_at += images.size();
  }
}

}  // namespace
}  // namespace st::log
