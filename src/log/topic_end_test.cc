// Topics that are deleted.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "log/largest_state.h"
#include "log/limits.h"
#include "log/testing.h"
#include "log/verify.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;
using testing::ReadValues;
using testing::Sequenced;

Status DeleteAndWait(Log& log, TopicId topic) {
  std::promise<Status> done;
  auto result = done.get_future();
  log.DeleteTopic(topic, [&done](Status status) { done.set_value(std::move(status)); });
  return result.get();
}

class TopicEndTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    topic_ = log_->CreateTopic("events", 2).value().id;
    other_ = log_->CreateTopic("other", 1).value().id;
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
  void Roll() {
    const auto segment = log_->durable_end().segment;
    while (log_->durable_end().segment == segment) {
      ASSERT_TRUE(AppendAndWait(*log_, Other(), Batch({std::string(300'000, 'x')})));
    }
  }
  TopicPartition Tp(std::int32_t partition) const { return {topic_, PartitionId(partition)}; }
  TopicPartition Other() const { return {other_, PartitionId(0)}; }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  LogOptions options_{
      .dir = "/log", .segment_bytes = kMinSegmentBytes, .allocate_chunk_bytes = 64 << 10};
  std::unique_ptr<LocalLog> log_;
  TopicId topic_;
  TopicId other_;
};

TEST_F(TopicEndTest, ADeletedTopicIsGoneOverKillsAndRolls) {
  ASSERT_TRUE(AppendAndWait(*log_, Tp(1), Batch({"gone"})));
  Roll();
  ASSERT_TRUE(AppendAndWait(*log_, Other(), Batch({"kept"})));
  ASSERT_TRUE(AppendAndWait(*log_, Tp(1), Batch({"gone too"})));
  ASSERT_TRUE(DeleteAndWait(*log_, topic_));
  const auto expect_gone = [&] {
    EXPECT_FALSE(log_->FindTopic("events"));
    EXPECT_FALSE(log_->FindTopic(topic_));
    EXPECT_EQ(log_->TopicCount(), 1U);
    EXPECT_EQ(log_->Read(Tp(1), Offset(0), 1).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(AppendAndWait(*log_, Tp(1), Batch({"x"})).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(ReadValues(*log_, Other()).back(), "kept");
  };
  expect_gone();
  EXPECT_EQ(DeleteAndWait(*log_, topic_).error().code(), ErrorCode::kNotFound);
  Kill();
  expect_gone();
  ASSERT_TRUE(log_->CreateTopic("events", 1));
  EXPECT_NE(log_->FindTopic("events")->id, topic_) << "another topic";
  topic_ = log_->FindTopic("events")->id;
  EXPECT_EQ(log_->EndOffset(Tp(0)), Offset(0));
  ASSERT_TRUE(AppendAndWait(*log_, Tp(0), Batch({"new"})));
  Roll();
  Kill();
  EXPECT_EQ(ReadValues(*log_, Tp(0)), std::vector<std::string>{"new"});
  const auto verified = VerifyLog(*fs_, "/log", [](auto&&...) {});
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_TRUE(verified->findings.empty());
}

TEST_F(TopicEndTest, ProducersOffsetsHoldsAndSettingsGoWithIt) {
  ASSERT_TRUE(AppendAndWait(*log_, Tp(0), Sequenced(Batch({"a"}), 7, 0, 5)));
  ASSERT_TRUE(log_->SetHold({.name = "h", .from = {{Tp(0), Offset(0)}, {Other(), Offset(0)}}}));
  ASSERT_TRUE(log_->SetHold({.name = "lone", .from = {{Tp(0), Offset(0)}}}));
  std::promise<Status> committed;
  log_->ChangeGroup({.group = "g", .committed = {{Tp(0), {}}, {Other(), {}}}, .removed = {}},
                    [&](Status status) { committed.set_value(std::move(status)); });
  ASSERT_TRUE(committed.get_future().get());
  ASSERT_TRUE(DeleteAndWait(*log_, topic_));
  const std::vector<Hold> left = {{.name = "h", .from = {{Other(), Offset(0)}}}};
  EXPECT_EQ(log_->Holds(), left);
  Kill();
  EXPECT_EQ(log_->Holds(), left);
  const auto groups = log_->TakeRecoveredGroups();
  ASSERT_EQ(groups.at("g").offsets.size(), 1U);
  EXPECT_TRUE(groups.at("g").offsets.contains(Other()));
}

TEST_F(TopicEndTest, TheStateHasNothingLeftOfIt) {
  LogState state;
  AddTopic(state, {.number = 1});
  const auto before = state.EncodeCheckpoint();
  ASSERT_TRUE(state.Apply({.type = EntryType::kTopicState, .topic = TopicIdOf(2), .partition = 3},
                          EncodeTopicState("t", {{"a", "1"}})));
  record::BatchHeader batch;
  batch.record_count = 1;
  batch.producer_epoch = 0;
  batch.producer_id = 7;
  state.producers().Remember({TopicIdOf(2), PartitionId(0)}, batch, {});
  ASSERT_TRUE(state.Apply({.type = EntryType::kTopicEnd, .topic = TopicIdOf(2)}, ""));
  EXPECT_EQ(state.EncodeCheckpoint(), before);
  EXPECT_EQ(state.topics().partitions(), 1);
  EXPECT_FALSE(MaySkip(EntryType::kTopicEnd));
  const auto again = state.Apply({.type = EntryType::kTopicEnd, .topic = TopicIdOf(2)}, "");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kCorruption);
}

TEST_F(TopicEndTest, WhatWasQueuedBehindItIsRefused) {
  std::promise<Status> deleted;
  std::promise<Result<AppendResult>> appended;
  std::promise<Result<TopicInfo>> made;
  log_->DeleteTopic(topic_, [&](Status status) { deleted.set_value(std::move(status)); });
  log_->Append(Tp(0), Batch({"late"}), {}, [&](auto result) { appended.set_value(result); });
  log_->CreateTopicAsync({.name = "events"}, {}, [&](auto topic) { made.set_value(topic); });
  EXPECT_TRUE(deleted.get_future().get());
  EXPECT_EQ(appended.get_future().get().error().code(), ErrorCode::kNotFound);
  const auto topic = made.get_future().get();
  ASSERT_TRUE(topic) << topic.error().message();
  EXPECT_EQ(log_->FindTopic("events")->id, topic->id);
}

TEST_F(TopicEndTest, WhoWaitsForItsRecordsIsWoken) {
  std::promise<void> woken;
  const auto handle = log_->WaitForAppend({Tp(0)}, [&] { woken.set_value(); });
  ASSERT_TRUE(DeleteAndWait(*log_, topic_));
  woken.get_future().get();
  log_->CancelWait(handle);
}

// Power loss at every step of the disk: a deletion that was acknowledged is not undone.
TEST(TopicEndCrash, NoAcknowledgedDeletionIsUndone) {
  struct Image {
    std::unique_ptr<os::testing::MemoryFileSystem> disk;
    std::int32_t deleted = 0;
  };
  constexpr std::int32_t kTopics = 20;
  const auto name = [](std::int32_t n) { return fmt::format("t{}", n); };
  std::size_t looked_at = 0;
  for (std::uint64_t seed = 1; looked_at < 500; ++seed) {
    SCOPED_TRACE(seed);
    const auto random = os::MakeSeededRandom(seed);
    os::testing::MemoryFileSystem fs;
    os::testing::StepClock clock;
    const LogOptions options{
        .dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 8 << 10};
    std::vector<Image> images;
    std::atomic<std::int32_t> deleted = 0;
    {
      const auto log = LocalLog::Open({fs, clock, *random}, options).value();
      std::vector<TopicId> topics;
      for (std::int32_t n = 0; n < kTopics; ++n) {
        topics.push_back(log->CreateTopic(name(n), 1).value().id);
        ASSERT_TRUE(AppendAndWait(*log, {topics.back(), PartitionId(0)}, Batch({"x"})));
      }
      fs.SetHook([&](const std::string&, const std::string&) -> Status {
        images.push_back({fs.Crash(*random), deleted.load()});
        return {};
      });
      for (std::int32_t n = 0; n < kTopics; ++n) {
        log->DeleteTopic(topics[static_cast<std::size_t>(n)], [&deleted, n](Status done) {
          if (done) deleted = n + 1;
        });
        while (random->Next() % 3 == 0 && deleted <= n) std::this_thread::yield();
        const TopicPartition last{topics.back(), PartitionId(0)};
        log->Append(last, Batch({std::string(random->Next() % 100'000, 'x')}), {}, [](auto) {});
      }
    }
    fs.SetHook({});
    ASSERT_EQ(deleted, kTopics);
    for (auto& image : images) {
      const auto log = LocalLog::Open({*image.disk, clock, *random}, options);
      ASSERT_TRUE(log) << log.error().message();
      std::int32_t gone = 0;
      while (gone < kTopics && !(*log)->FindTopic(name(gone))) ++gone;
      ASSERT_GE(gone, image.deleted);
      for (std::int32_t n = gone; n < kTopics; ++n) {
        const auto topic = (*log)->FindTopic(name(n));
        ASSERT_TRUE(topic) << "in their order";
        ASSERT_GE((*log)->EndOffset({topic->id, PartitionId(0)}), Offset(1));
      }
    }
    looked_at += images.size();
  }
}

}  // namespace
}  // namespace st::log
