#include "log/ordered_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/limits.h"
#include "log/reader/extent_reader.h"
#include "log/testing.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;

// What the log tells of its total order.
class TotalOrder : public ::testing::Test {
 protected:
  TotalOrder() { Open(); }
  void Open() {
    log_.reset();
    log_ = LocalLog::Open({fs_, clock_, *random_},
                          {.dir = "/log", .segment_bytes = kMinSegmentBytes, .reserve_bytes = 0})
               .value();
  }
  TopicPartition Partition(const std::string& topic, std::int32_t partition) {
    if (!log_->FindTopic(topic)) EXPECT_TRUE(log_->CreateTopic(topic, 3));
    return {.topic = log_->FindTopic(topic)->id, .partition = PartitionId(partition)};
  }
  void Append(TopicPartition tp, const std::vector<std::string>& values) {
    ASSERT_TRUE(AppendAndWait(*log_, tp, Batch(values)));
  }
  // "<base offset>+<records>" of each batch, and a check of its entry.
  std::vector<std::string> List(const OrderedExtents& found) {
    std::vector<std::string> list;
    ExtentReader reader(fs_);
    Lsn last;
    for (const auto& extent : found.extents) {
      const auto stored =
          reader.ReadBatch(found.files.at(extent.file), extent.position, extent.length);
      EXPECT_TRUE(stored) << stored.error().message();
      EXPECT_EQ(stored->entry.topic, extent.tp.topic);
      EXPECT_EQ(stored->entry.partition, extent.tp.partition.value());
      EXPECT_EQ(stored->entry.base_offset, extent.base_offset.value());
      EXPECT_GT(stored->identity.lsn, last);
      last = stored->identity.lsn;
      EXPECT_GE(last, found.lsns.from);
      EXPECT_LT(last, found.lsns.to);
      list.push_back(
          fmt::format("{}:{}+{}", extent.tp.partition, extent.base_offset, extent.records));
    }
    if (!list.empty()) EXPECT_EQ(found.lsns.to, Lsn(last.value() + 1));
    EXPECT_LE(found.lsns.to, log_->end_lsn());
    return list;
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<LocalLog> log_;
};

TEST_F(TotalOrder, MergesPartitionsAsTheyWereAppended) {
  const auto a = Partition("a", 0);
  const auto b = Partition("b", 1);
  Append(b, {"1", "2"});
  Append(a, {"3"});
  Append(Partition("other", 2), {"not listed"});
  Append(a, {"4", "5", "6"});
  Append(b, {"7"});
  using ::testing::ElementsAre;
  const auto all = log_->ExtentsInOrder({{a, {}}, {b, {}}}, {}).value();
  EXPECT_THAT(List(all), ElementsAre("1:0+2", "0:0+1", "0:1+3", "1:2+1"));
  EXPECT_FALSE(all.has_more);
  EXPECT_EQ(all.files.size(), 1U);
  EXPECT_EQ(log_->end_lsn(), all.lsns.to) << "the last entry is one of them";
  EXPECT_THAT(
      List(log_->ExtentsInOrder(
                   {{a, {.from = Offset(1), .to = Offset(3)}}, {b, {.from = Offset(2)}}}, {})
               .value()),
      ElementsAre("0:1+3", "1:2+1"))
      << "batches that hold some of the records are whole";
  const auto none = log_->ExtentsInOrder({{a, {.from = Offset(4)}}}, {}).value();
  EXPECT_TRUE(none.extents.empty());
  EXPECT_EQ(none.lsns, LsnRange());
  EXPECT_FALSE(none.has_more);
}

TEST_F(TotalOrder, EndsBeforeTheBatchThatPassesALimit) {
  const auto a = Partition("a", 0);
  const auto b = Partition("a", 1);
  for (int i = 0; i < 4; ++i) Append(i % 2 == 0 ? a : b, {"x", "y"});
  const auto listed = [&](const ExtentLimits& limits, Offset from = {}) {
    const auto found = log_->ExtentsInOrder({{a, {.from = from}}, {b, {}}}, limits).value();
    EXPECT_EQ(found.has_more, List(found).size() < 4) << List(found).size();
    return found.extents.size();
  };
  EXPECT_EQ(listed({.records = 1}), 1U);
  EXPECT_EQ(listed({.records = 2}), 1U);
  EXPECT_EQ(listed({.records = 3}), 2U) << "rounded up to a batch";
  EXPECT_EQ(listed({.records = 2}, Offset(1)), 2U) << "records below the range do not count";
  EXPECT_EQ(listed({.bytes = 1}), 1U) << "one at least";
  EXPECT_EQ(listed({.bytes = 500}), 3U);
  EXPECT_EQ(listed({.extents = 3}), 3U);
  EXPECT_EQ(listed({.extents = 4}), 4U);
}

TEST_F(TotalOrder, GoesOnOverSegmentsAndRestarts) {
  const auto a = Partition("a", 0);
  const auto b = Partition("a", 1);
  const std::string large(100 << 10, 'x');
  std::vector<std::string> want;
  for (int i = 0; i < 30; ++i) {
    Append(i % 3 == 0 ? b : a, {large});
    want.push_back(fmt::format("{}:{}+1", i % 3 == 0 ? 1 : 0, i % 3 == 0 ? i / 3 : i - i / 3 - 1));
  }
  const auto end = log_->end_lsn();
  const auto all = log_->ExtentsInOrder({{a, {}}, {b, {}}}, {}).value();
  EXPECT_EQ(List(all), want);
  EXPECT_GT(all.files.size(), 1U);
  const auto some = log_->ExtentsInOrder({{a, {}}, {b, {}}}, {.files = 1}).value();
  EXPECT_TRUE(some.has_more);
  EXPECT_EQ(some.files.size(), 1U);
  Open();
  EXPECT_GT(log_->end_lsn(), end) << "opening wrote an entry";
  EXPECT_EQ(List(log_->ExtentsInOrder({{a, {}}, {b, {}}}, {}).value()), want);
}

// Many small batches of one partition between few of another: the index is read a part at a time.
TEST_F(TotalOrder, ReadsTheIndexInParts) {
  const auto a = Partition("a", 0);
  const auto b = Partition("a", 1);
  constexpr int kBatches = 3000;
  for (int i = 0; i < kBatches; ++i) {
    if (i % 1000 == 0) Append(b, {"x"});
    Append(a, {"x", "x", "x"});
  }
  const auto all = log_->ExtentsInOrder({{a, {}}, {b, {}}}, {}).value();
  EXPECT_EQ(List(all).size(), kBatches + 3U);
  EXPECT_EQ(all.extents[1001].tp, b);
}

TEST_F(TotalOrder, RefusesAPartitionThatIsNotThere) {
  const auto a = Partition("a", 0);
  const TopicPartition ninth{.topic = a.topic, .partition = PartitionId(9)};
  EXPECT_EQ(log_->ExtentsInOrder({{ninth, {}}}, {}).error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace st::log
