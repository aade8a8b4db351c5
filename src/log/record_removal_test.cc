// Starts of partitions that move, and segments that leave the disk.
#include "log/record_removal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "log/inspection.h"
#include "log/limits.h"
#include "log/reader/segment.h"
#include "log/testing.h"
#include "log/verify.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;

class RecordRemovalTest : public ::testing::Test {
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
  Result<Offset> Move(const StartMove& move) {
    std::promise<Result<Offset>> done;
    auto result = done.get_future();
    RemovalOf(*log_).MoveStart(move, [&done](Result<Offset> at) { done.set_value(std::move(at)); });
    return result.get();
  }
  Result<Offset> Move(std::int64_t to) { return Move({.tp = Tp(), .to = Offset(to)}); }
  void Append(TopicPartition tp, std::size_t bytes = 300'000) {
    ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({std::string(bytes, 'x')})));
  }
  // Appends to the partition until another segment is begun.
  void Fill(TopicPartition tp) {
    const auto segment = log_->durable_end().segment;
    while (log_->durable_end().segment == segment) Append(tp);
  }
  std::vector<std::uint64_t> Segments() const { return ListSegments(*fs_, "/log").value(); }
  void ExpectVerified() {
    const auto verified = VerifyLog(*fs_, "/log", [](auto&&...) {});
    ASSERT_TRUE(verified) << verified.error().message();
    for (const auto& finding : verified->findings) {
      ADD_FAILURE() << finding.file << ": " << finding.reason;
    }
  }
  TopicPartition Tp(std::int32_t partition = 0) const { return {topic_, PartitionId(partition)}; }
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

TEST_F(RecordRemovalTest, AStartThatMovedStaysOverKillsAndRolls) {
  for (int i = 0; i < 5; ++i) Append(Tp(), 100);
  const auto before = InspectionOf(*log_).StoredBytes().at(Tp());
  EXPECT_EQ(Move(3), Offset(3));
  const auto expect_moved = [&] {
    EXPECT_EQ(log_->StartOffset(Tp()), Offset(3));
    EXPECT_EQ(log_->Read(Tp(), Offset(2), 1).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(log_->Read(Tp(), Offset(3), 1)->log_start, Offset(3));
    EXPECT_EQ(log_->EntryCrc(Tp(), Offset(2)).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(log_->OffsetForTime(Tp(), 0)->first, Offset(3));
    EXPECT_EQ(InspectionOf(*log_).StoredBytes().at(Tp()), before / 5 * 2);
    EXPECT_EQ(log_->ExtentsInOrder({{Tp(), {.from = Offset(2)}}}, {}).error().code(),
              ErrorCode::kInvalidArgument)
        << "nobody passes over records that are gone";
    EXPECT_EQ(log_->ExtentsInOrder({{Tp(), {.from = Offset(3)}}}, {})->extents.size(), 2U);
  };
  expect_moved();
  Kill();
  expect_moved();
  Fill(Other());
  Kill();  // from a checkpoint
  expect_moved();
  EXPECT_EQ(log_->StartOffset(Tp(1)), Offset(0));
}

TEST_F(RecordRemovalTest, AStartMovesForwardAndWithinThePartition) {
  for (int i = 0; i < 3; ++i) Append(Tp(), 100);
  EXPECT_EQ(Move(2), Offset(2));
  EXPECT_EQ(Move(1), Offset(2)) << "it is behind already";
  EXPECT_EQ(Move(4).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Move({.tp = Tp(2), .to = Offset(0)}).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(Move({.tp = Tp(), .to = {}}), Offset(3)) << "all that are there";
  EXPECT_EQ(log_->EndOffset(Tp()), Offset(3));
  EXPECT_FALSE(log_->OffsetForTime(Tp(), 0));
  EXPECT_FALSE(log_->OffsetOfLargestTime(Tp()));
  Append(Tp(), 100);
  EXPECT_EQ(log_->OffsetForTime(Tp(), 0)->first, Offset(3));
}

TEST_F(RecordRemovalTest, ACheckAnswersAsTheMoveWouldAndMovesNothing) {
  for (int i = 0; i < 3; ++i) Append(Tp(), 100);
  ASSERT_TRUE(log_->SetHold({.name = "pipeline p", .from = {{Tp(), Offset(2)}}}));
  EXPECT_EQ(Move({.tp = Tp(), .to = Offset(2), .only_check = true}), Offset(2));
  EXPECT_EQ(Move({.tp = Tp(), .to = Offset(3), .only_check = true}).error().code(),
            ErrorCode::kConflict);
  EXPECT_EQ(Move({.tp = Tp(), .to = Offset(4), .only_check = true}).error().code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->StartOffset(Tp()), Offset(0));
  Kill();
  EXPECT_EQ(log_->StartOffset(Tp()), Offset(0));
}

TEST_F(RecordRemovalTest, AHoldWins) {
  for (int i = 0; i < 4; ++i) Append(Tp(), 100);
  ASSERT_TRUE(log_->SetHold({.name = "pipeline p", .from = {{Tp(), Offset(2)}}}));
  ASSERT_TRUE(log_->SetHold({.name = "later", .from = {{Tp(), Offset(3)}}}));
  const auto refused = Move(3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(refused.error().message(), "hold \"pipeline p\" keeps the records from offset 2 on");
  EXPECT_EQ(RemovalOf(*log_).HoldOn(Tp())->from, Offset(2));
  EXPECT_FALSE(RemovalOf(*log_).HoldOn(Tp(1)));
  EXPECT_EQ(Move({.tp = Tp(), .to = {}, .as_far_as_held = true}), Offset(2));
  EXPECT_EQ(log_->StartOffset(Tp()), Offset(2));
  // Released in the same group of commits, before the move.
  std::promise<Result<Offset>> moved;
  std::promise<Status> released;
  ASSERT_TRUE(log_->SetHold({.name = "pipeline p", .from = {}}));
  RemovalOf(*log_).MoveStart({.tp = Tp(), .to = Offset(3)},
                             [&](Result<Offset> at) { moved.set_value(std::move(at)); });
  EXPECT_EQ(moved.get_future().get(), Offset(3));
}

TEST_F(RecordRemovalTest, SegmentsBelowTheStartsLeaveTheDisk) {
  Fill(Tp());
  Fill(Tp());
  const auto end = log_->EndOffset(Tp());
  EXPECT_EQ(RemovalOf(*log_).RemoveSegments()->segments, 0U) << "all are needed";
  ASSERT_TRUE(Move({.tp = Tp(), .to = {}}));
  const auto removed = RemovalOf(*log_).RemoveSegments();
  ASSERT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(removed->segments, 2U);
  EXPECT_GT(removed->bytes, 1'500'000U);
  EXPECT_EQ(Segments(), std::vector<std::uint64_t>{3}) << "never the active one";
  EXPECT_FALSE(fs_->Exists("/log/" + IndexName(1)).value());
  ExpectVerified();
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_EQ(log_->StartOffset(Tp()), end);
    EXPECT_EQ(log_->Read(Tp(), end - 1, 1).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_FALSE(log_->damage());
    Append(Tp());
    Kill();
  }
  EXPECT_EQ(log_->EndOffset(Tp()), end + 2);
  Fill(Tp());
  Kill();
  ExpectVerified();
  EXPECT_EQ(RemovalOf(*log_).RemoveSegments()->segments, 0U);
}

TEST_F(RecordRemovalTest, AQuietTopicsSegmentStaysAmongThoseThatGo) {
  Fill(Tp());
  Append(Other(), 100);
  Fill(Tp());
  Fill(Tp());
  ASSERT_TRUE(Move({.tp = Tp(), .to = {}}));
  EXPECT_EQ(RemovalOf(*log_).RemoveSegments()->segments, 2U);
  EXPECT_EQ(Segments(), (std::vector<std::uint64_t>{2, 4}));
  ExpectVerified();
  for (int opened = 0; opened < 2; ++opened) {
    Kill();
    EXPECT_EQ(testing::ReadValues(*log_, Other()).size(), 1U);
    ExpectVerified();
    Fill(Tp());  // the last checkpoint counts what is missing
  }
  ASSERT_TRUE(log_->CreateTopic("more", 1));
  std::promise<Status> deleted;
  log_->DeleteTopic(other_, [&](Status done) { deleted.set_value(std::move(done)); });
  ASSERT_TRUE(deleted.get_future().get());
  EXPECT_EQ(RemovalOf(*log_).RemoveSegments()->segments, 1U) << "a deleted topic's";
  Kill();
  EXPECT_TRUE(log_->FindTopic("more"));
  EXPECT_EQ(std::ranges::count(Segments(), 2U), 0);
}

TEST_F(RecordRemovalTest, ASegmentThatIsMissingWithoutAnEntryIsMissed) {
  Fill(Tp());
  Append(Other(), 100);
  Fill(Tp());
  Fill(Tp());
  ASSERT_TRUE(Move({.tp = Tp(), .to = {}}));
  ASSERT_EQ(RemovalOf(*log_).RemoveSegments()->segments, 2U);
  log_.reset();
  ASSERT_TRUE(fs_->Remove("/log/" + SegmentName(2)));
  const auto opened = LocalLog::Open({*fs_, clock_, *random_}, options_);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message().contains(SegmentName(2) + " is missing"))
      << opened.error().message();
  const auto verified = VerifyLog(*fs_, "/log", [](auto&&...) {});
  ASSERT_EQ(verified->findings.size(), 1U);
  EXPECT_TRUE(verified->findings[0].file.ends_with(SegmentName(2)));
}

TEST_F(RecordRemovalTest, FilesThatAKillLeftOverGoAtTheNextOpening) {
  Fill(Tp());
  Fill(Tp());
  const auto first = fs_->Contents("/log/" + SegmentName(1));
  const auto index = fs_->Contents("/log/" + IndexName(2));
  ASSERT_TRUE(Move({.tp = Tp(), .to = {}}));
  ASSERT_EQ(RemovalOf(*log_).RemoveSegments()->segments, 2U);
  log_.reset();
  fs_->Overwrite("/log/" + SegmentName(1), first);
  fs_->Overwrite("/log/" + IndexName(2), index);
  ExpectVerified();
  Open();
  EXPECT_EQ(Segments(), std::vector<std::uint64_t>{3});
  EXPECT_FALSE(fs_->Exists("/log/" + IndexName(2)).value());
  Append(Tp());
}

TEST_F(RecordRemovalTest, ARunningServersRemovalsAreNoFindings) {
  Fill(Tp());
  Fill(Tp());
  const auto end = log_->durable_end();
  ASSERT_TRUE(Move({.tp = Tp(), .to = {}}));
  ASSERT_EQ(RemovalOf(*log_).RemoveSegments()->segments, 2U);
  const auto verified = VerifyLog(*fs_, "/log", [](auto&&...) {}, end);
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_TRUE(verified->findings.empty()) << verified->findings[0].reason;
}

TEST_F(RecordRemovalTest, ADiskAtItsReserveIsFreed) {
  Fill(Tp());
  fs_->SetFreeBytes(options_.reserve_bytes / 2);
  Result<AppendResult> full;
  while (full) full = AppendAndWait(*log_, Tp(), Batch({"x"}));
  EXPECT_EQ(full.error().code(), ErrorCode::kUnavailable);
  // More entries than the rest of the allocated segment takes.
  for (const std::int64_t to : {1, 2, 3}) ASSERT_EQ(Move(to), Offset(to)) << "uses the reserve";
  EXPECT_FALSE(log_->health()) << "records are refused still";
  ASSERT_TRUE(Move({.tp = Tp(), .to = {}}));
  EXPECT_EQ(RemovalOf(*log_).RemoveSegments()->segments, 1U);
  fs_->SetFreeBytes(1ULL << 40);
  Append(Tp());
  EXPECT_TRUE(log_->health());
}

}  // namespace
}  // namespace st::log
