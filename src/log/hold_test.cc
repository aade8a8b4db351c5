#include "log/hold.h"

#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "log/largest_state.h"
#include "log/limits.h"
#include "log/reader/segment.h"
#include "log/testing.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;

class HoldTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    topic_ = log_->CreateTopic("events", 2).value().id;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(AppendAndWait(*log_, At(0), Batch({"x"})));
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
  }
  TopicPartition At(std::int32_t partition) const { return {topic_, PartitionId(partition)}; }
  void Roll() {
    const auto segment = log_->durable_end().segment;
    while (log_->durable_end().segment == segment) {
      ASSERT_TRUE(AppendAndWait(*log_, At(1), Batch({std::string(300'000, 'x')})));
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

TEST_F(HoldTest, IsDurableListedReplacedAndReleased) {
  EXPECT_TRUE(log_->Holds().empty());
  const Hold first{"pipeline a", {{At(0), Offset(1)}, {At(1), Offset(0)}}};
  const Hold second{"pipeline b", {{At(0), Offset(3)}}};
  ASSERT_TRUE(log_->SetHold(second));
  ASSERT_TRUE(log_->SetHold(first));
  EXPECT_EQ(log_->Holds(), (std::vector{first, second})) << "by name";
  Kill();
  Open();
  EXPECT_EQ(log_->Holds(), (std::vector{first, second}));
  const Hold moved{"pipeline a", {{At(0), Offset(2)}}};
  ASSERT_TRUE(log_->SetHold(moved));
  ASSERT_TRUE(log_->SetHold({"pipeline b", {}}));
  EXPECT_EQ(log_->Holds(), std::vector{moved});
  Roll();
  Kill();
  Open();
  EXPECT_EQ(log_->Holds(), std::vector{moved}) << "in the checkpoint";
  ASSERT_TRUE(log_->SetHold({"nobody", {}})) << "released already";
}

TEST_F(HoldTest, IsRefusedWhereItHoldsNothingThatIsThere) {
  const auto code = [&](const Hold& hold) { return log_->SetHold(hold).error().code(); };
  EXPECT_EQ(code({"", {{At(0), Offset(0)}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({std::string(250, 'x'), {{At(0), Offset(0)}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({"a", {{At(2), Offset(0)}}}), ErrorCode::kNotFound);
  EXPECT_EQ(code({"a", {{{TopicIdOf(9), PartitionId(0)}, Offset(0)}}}), ErrorCode::kNotFound);
  EXPECT_EQ(code({"a", {{At(0), Offset(4)}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({"a", {{At(0), Offset(-1)}}}), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(log_->Holds().empty());
}

TEST_F(HoldTest, IsRefusedAsUnavailableInASegmentOfAnOlderFormat) {
  log_.reset();
  // The log as a program of version 2 would have left it, on a disk that is full.
  const std::string path = "/log/" + SegmentName(1);
  std::string bytes = fs_->Contents(path);
  StoreLittle(bytes.data() + 8, std::uint32_t{2});
  StoreLittle(bytes.data() + kSegmentHeaderBytes - 4,
              Crc32c(std::string_view(bytes).substr(0, kSegmentHeaderBytes - 4)));
  fs_->Overwrite(path, bytes);
  fs_->SetFreeBytes(0);
  Open();
  EXPECT_EQ(log_->durable_end().segment, 1U);
  EXPECT_EQ(log_->SetHold({"a", {{At(0), Offset(0)}}}).error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(AppendAndWait(*log_, At(0), Batch({"x"}))) << "what fits is appended";
  fs_->SetFreeBytes(1ULL << 40);
  Open();
  EXPECT_EQ(log_->durable_end().segment, 2U);
  EXPECT_TRUE(log_->SetHold({"a", {{At(0), Offset(0)}}}));
}

TEST(Holds, HaveALimitOfTheirNumberAndOfTheirPartitions) {
  Holds holds;
  const auto hold = [](std::size_t n, std::size_t partitions) {
    Hold made{fmt::format("{:04}", n), {}};
    for (std::size_t p = 0; p < partitions; ++p) {
      made.from[{TopicIdOf(1), PartitionId(static_cast<std::int32_t>(p))}] = Offset(1);
    }
    return made;
  };
  for (std::size_t n = 0; n < kMaxHolds; ++n) {
    ASSERT_TRUE(holds.Check(hold(n, 1)));
    ASSERT_TRUE(holds.Apply({.type = EntryType::kHold}, EncodeHold(hold(n, 1))));
  }
  EXPECT_EQ(holds.Check(hold(kMaxHolds, 1)).error().code(), ErrorCode::kUnsupported);
  EXPECT_TRUE(holds.Check(hold(kMaxHolds, 0))) << "a release";
  const std::size_t most = kMaxHeldPartitions - (kMaxHolds - 1);
  EXPECT_TRUE(holds.Check(hold(0, most)));
  EXPECT_EQ(holds.Check(hold(0, most + 1)).error().code(), ErrorCode::kUnsupported);
  std::string bytes;
  holds.Encode(bytes);
  EXPECT_LE(bytes.size(), holds.encoded_bytes());
  Holds read;
  ByteReader in(bytes);
  ASSERT_TRUE(read.Decode(in, 1));
  EXPECT_TRUE(in.is_at_end());
  EXPECT_EQ(read.All(), holds.All());
}

TEST(Holds, BytesThatAreNoHoldAreDamage) {
  const std::string bytes = EncodeHold({"a", {{{TopicIdOf(1), PartitionId(0)}, Offset(5)}}});
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    Holds holds;
    EXPECT_FALSE(holds.Apply({.type = EntryType::kHold}, bytes.substr(0, n))) << n;
  }
  EXPECT_FALSE(Holds().Apply({.type = EntryType::kHold}, bytes + "x"));
}

}  // namespace
}  // namespace st::log
