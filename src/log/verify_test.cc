#include "log/verify.h"

#include <gtest/gtest.h>

#include "log/reader/segment.h"
#include "log/testing.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;

// A log of three segments that is open while its files are verified.
class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    auto log =
        LocalLog::Open({fs_, clock_, *random_},
                       {.dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 64 << 10});
    log_ = std::move(*log);
    tp_ = {log_->CreateTopic("events", 1).value().id, PartitionId(0)};
    while (log_->durable_end().segment < 3) Append(100'000);
    Append(10);
  }
  void Append(std::size_t bytes) {
    ASSERT_TRUE(AppendAndWait(*log_, tp_, Batch({std::string(bytes, 'x')})));
  }
  static std::string Path(std::uint64_t segment) { return "/log/" + SegmentName(segment); }
  void Flip(std::uint64_t segment, std::uint64_t position) {
    std::string bytes = fs_.Contents(Path(segment));
    bytes.at(position) = static_cast<char>(bytes[position] ^ 1);
    fs_.Overwrite(Path(segment), bytes);
  }
  std::vector<Finding> Findings(const std::optional<EndMark>& live_end) {
    const auto report = VerifyLog(fs_, "/log", [](auto&&...) {}, live_end);
    EXPECT_TRUE(report);
    return report ? report->findings : std::vector<Finding>{};
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<LocalLog> log_;
  TopicPartition tp_;
};

TEST_F(VerifyTest, ReadsEveryDurableByteAndNothingBehind) {
  const auto end = log_->durable_end();
  Append(10);                  // meanwhile
  Flip(3, end.position + 20);  // as if its write had not ended
  EXPECT_TRUE(Findings(end).empty());
  const auto report = VerifyLog(fs_, "/log", [](auto&&...) {}, end);
  EXPECT_EQ(report->segments, 3U);
  EXPECT_EQ(report->bytes,
            fs_.Contents(Path(1)).size() + fs_.Contents(Path(2)).size() + end.position);
  const auto later = Findings(log_->durable_end());
  ASSERT_EQ(later.size(), 1U);
  EXPECT_TRUE(later[0].is_damage);
}

TEST_F(VerifyTest, ALastDurableEntryThatIsDamagedIsNoTornTail) {
  const auto end = log_->durable_end();
  Flip(3, end.position - 16);
  const auto found = Findings(end);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].is_damage);
  EXPECT_EQ(found[0].file, Path(3));
}

TEST_F(VerifyTest, ASegmentThatBeganMeanwhileIsNotRead) {
  const auto end = log_->durable_end();
  while (log_->durable_end().segment < 4) Append(100'000);
  Flip(4, 100);
  EXPECT_TRUE(Findings(end).empty());
}

TEST_F(VerifyTest, AFlippedByteOfAClosedSegmentIsDamage) {
  Flip(2, fs_.Contents(Path(2)).size() - 16);
  for (const auto& end : {std::optional(log_->durable_end()), std::optional<EndMark>()}) {
    const auto found = Findings(end);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].is_damage);
    EXPECT_EQ(found[0].file, Path(2));
  }
}

// What the opening refuses, though each entry that is left is intact.
TEST_F(VerifyTest, AClosedSegmentThatLacksItsEndIsDamage) {
  std::uint64_t last = 0;
  const auto read = VerifyLog(
      fs_, "/log",
      [&](const std::string& file, std::uint64_t position, const EntryHeader&, auto, auto) {
        if (file == Path(2)) last = position;
      });
  ASSERT_TRUE(read);
  fs_.Overwrite(Path(2), fs_.Contents(Path(2)).substr(0, last));
  const auto found = Findings(log_->durable_end());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].is_damage);
  EXPECT_EQ(found[0].file, Path(3));
  EXPECT_TRUE(found[0].reason.contains("want segment 3 of log")) << found[0].reason;
}

TEST_F(VerifyTest, ASegmentOfAnotherLogIsDamage) {
  os::testing::MemoryFileSystem other;
  const auto random = os::MakeSeededRandom(2);
  const auto log = LocalLog::Open({other, clock_, *random}, {.dir = "/log"});
  ASSERT_TRUE(log);
  fs_.Overwrite(Path(2), other.Contents(Path(1)));
  const auto found = Findings(log_->durable_end());
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].file, Path(2));
  EXPECT_TRUE(found[0].reason.starts_with("it is segment 1 of log")) << found[0].reason;
}

}  // namespace
}  // namespace st::log
