#include "log/gaps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "log/largest_state.h"
#include "log/record_removal.h"
#include "log/testing.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class GapsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    topic_ = log_->CreateTopic("events", 2).value().id;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(AppendAndWait(*log_, At(0), Batch({"x"})));
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
      ASSERT_TRUE(AppendAndWait(*log_, At(1), Batch({std::string(300'000, 'x')})));
    }
  }
  Result<Offset> Move(const StartMove& move) {
    std::promise<Result<Offset>> done;
    RemovalOf(*log_).MoveStart(move, [&](Result<Offset> at) { done.set_value(std::move(at)); });
    return done.get_future().get();
  }
  Result<Offset> Force(std::int64_t to) {
    return Move({.tp = At(0), .to = Offset(to), .is_forced = true});
  }
  Status Hold(const std::string& name, std::int64_t from) {
    return log_->SetHold({.name = name, .from = {{At(0), Offset(from)}}});
  }
  TopicPartition At(std::int32_t partition) const { return {topic_, PartitionId(partition)}; }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  LogOptions options_{
      .dir = "/log", .segment_bytes = kMinSegmentBytes, .allocate_chunk_bytes = 64 << 10};
  std::unique_ptr<LocalLog> log_;
  TopicId topic_;
};

TEST_F(GapsTest, AForcedMoveRecordsWhatEachHoldKeptOverKillsAndRolls) {
  ASSERT_TRUE(Hold("pipeline a", 1));
  ASSERT_TRUE(Hold("pipeline b", 2));
  ASSERT_TRUE(Hold("pipeline c", 3));
  EXPECT_EQ(Move({.tp = At(0), .to = Offset(3)}).error().code(), ErrorCode::kConflict);
  EXPECT_EQ(Move({.tp = At(0), .to = Offset(3), .is_forced = true, .only_check = true}), Offset(3));
  EXPECT_THAT(GapsIn(*log_), IsEmpty()) << "a check records nothing";
  clock_.Advance(7'000'000);
  ASSERT_EQ(Force(3), Offset(3));
  const auto gaps = GapsIn(*log_);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].tp, At(0));
  EXPECT_EQ(gaps[0].to, Offset(3));
  EXPECT_EQ(gaps[0].from, (Overridden{{"pipeline a", Offset(1)}, {"pipeline b", Offset(2)}}));
  EXPECT_EQ(gaps[0].removed_us, clock_.NowUs());
  EXPECT_EQ(log_->StartOffset(At(0)), Offset(3));
  Kill();
  EXPECT_EQ(GapsIn(*log_), gaps);
  Roll();
  Kill();  // from a checkpoint
  EXPECT_EQ(GapsIn(*log_), gaps);
  EXPECT_EQ(log_->StartOffset(At(0)), Offset(3));
}

TEST_F(GapsTest, AForcedMoveThatNoHoldMindsRecordsNone) {
  ASSERT_TRUE(Hold("pipeline a", 3));
  ASSERT_EQ(Force(3), Offset(3));
  EXPECT_THAT(GapsIn(*log_), IsEmpty());
}

TEST_F(GapsTest, ALaterForcedMoveExtendsTheGap) {
  ASSERT_TRUE(Hold("pipeline a", 1));
  ASSERT_EQ(Force(2), Offset(2));
  const auto first = GapsIn(*log_).at(0);
  ASSERT_TRUE(Hold("pipeline a", 2));  // as it is kept while the pipeline waits
  ASSERT_TRUE(Hold("pipeline b", 3));
  ASSERT_EQ(Force(4), Offset(4));
  const auto both = GapsIn(*log_).at(0);
  EXPECT_EQ(both.to, Offset(4));
  EXPECT_EQ(both.from, (Overridden{{"pipeline a", Offset(1)}, {"pipeline b", Offset(3)}}));
  EXPECT_GT(both.lsn, first.lsn);
}

TEST_F(GapsTest, NamesOfHoldsThatAreBehindAGapOrReleasedGoWithTheNextForcedMove) {
  ASSERT_TRUE(Hold("pipeline a", 1));
  ASSERT_TRUE(Hold("pipeline b", 1));
  ASSERT_TRUE(Hold("pipeline c", 1));
  ASSERT_EQ(Force(2), Offset(2));
  ASSERT_TRUE(Hold("pipeline a", 2));  // it stands at the gap's end
  ASSERT_TRUE(Hold("pipeline b", 3));
  ASSERT_TRUE(log_->SetHold({.name = "pipeline c", .from = {}}));
  ASSERT_TRUE(Hold("pipeline d", 3));
  ASSERT_EQ(Force(4), Offset(4));
  const Overridden want{
      {"pipeline a", Offset(1)}, {"pipeline b", Offset(3)}, {"pipeline d", Offset(3)}};
  EXPECT_EQ(GapsIn(*log_).at(0).from, want);
  Kill();
  EXPECT_EQ(GapsIn(*log_).at(0).from, want);
}

TEST_F(GapsTest, ADeletedTopicHasNone) {
  ASSERT_TRUE(Hold("pipeline a", 1));
  ASSERT_EQ(Force(2), Offset(2));
  std::promise<Status> deleted;
  log_->DeleteTopic(topic_, [&](Status done) { deleted.set_value(std::move(done)); });
  ASSERT_TRUE(deleted.get_future().get());
  EXPECT_THAT(GapsIn(*log_), IsEmpty());
}

TEST_F(GapsTest, ADiskAtItsReserveIsFreedByForce) {
  ASSERT_TRUE(Hold("pipeline a", 1));
  fs_->SetFreeBytes(options_.reserve_bytes / 2);
  Result<AppendResult> full;
  while (full) full = AppendAndWait(*log_, At(0), Batch({"x"}));
  EXPECT_EQ(full.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Force(4), Offset(4));
  EXPECT_EQ(GapsIn(*log_).size(), 1U);
}

Status ApplyForced(Gaps& gaps, TopicPartition tp, const std::string& payload) {
  return gaps.Apply({.type = EntryType::kStart,
                     .topic = tp.topic,
                     .partition = tp.partition.value(),
                     .base_offset = 4},
                    payload);
}

TEST(Gaps, AreDecodedAsTheyWereEncoded) {
  Holds holds;
  for (std::uint32_t n = 0; n < kMaxHolds; ++n) {
    const Hold hold{.name = LongTopicName(n), .from = {{{TopicIdOf(1), {}}, Offset(1)}}};
    ASSERT_TRUE(holds.Apply({.type = EntryType::kHold}, EncodeHold(hold)));
  }
  Gaps gaps(holds);
  EXPECT_TRUE(gaps.may_be_left_out());
  ASSERT_TRUE(ApplyForced(gaps, {TopicIdOf(1), {}}, ""));
  EXPECT_TRUE(gaps.may_be_left_out()) << "nobody was overridden";
  Overridden overridden;
  for (const auto& hold : holds.All()) overridden[hold.name] = Offset(1);
  const auto payload = EncodeOverridden(overridden);
  EXPECT_EQ(payload.size(), kMaxForcedStartBytes);
  ASSERT_TRUE(ApplyForced(gaps, {TopicIdOf(1), {}}, payload));
  EXPECT_FALSE(gaps.may_be_left_out());
  EXPECT_TRUE(gaps.CheckRoom(kMaxHeldPartitions - kMaxHolds));
  const auto refused = gaps.CheckRoom(kMaxHeldPartitions - kMaxHolds + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().message(), HasSubstr("the log records 1000 gaps"));
  std::string bytes;
  gaps.Encode(bytes);
  EXPECT_EQ(bytes.size(), gaps.encoded_bytes());
  Gaps copy(holds);
  ByteReader in(bytes);
  ASSERT_TRUE(copy.Decode(in, copy.version()));
  EXPECT_TRUE(in.is_at_end());
  EXPECT_EQ(copy.All(), gaps.All());
}

TEST(Gaps, ACutEntryIsRefused) {
  const Holds holds;
  const auto whole = EncodeOverridden({{"pipeline a", Offset(1)}, {"b", Offset(2)}});
  for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
    Gaps gaps(holds);
    const auto applied = ApplyForced(gaps, {TopicIdOf(1), {}}, whole.substr(0, bytes));
    ASSERT_FALSE(applied) << bytes;
    EXPECT_EQ(applied.error().code(), ErrorCode::kCorruption);
  }
}

}  // namespace
}  // namespace st::log
