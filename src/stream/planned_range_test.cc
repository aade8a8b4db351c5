#include "stream/planned_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::stream {
namespace {

using ::testing::ElementsAre;

constexpr TopicId kTopic{std::array<std::uint8_t, 16>{1}};
constexpr TopicPartition kA{.topic = kTopic, .partition = PartitionId(0)};
constexpr TopicPartition kB{.topic = kTopic, .partition = PartitionId(1)};

jobs::RecordId Id(TopicPartition tp, std::int64_t offset) {
  return {.tp = tp, .offset = Offset(offset)};
}

// Batches of a: 0 1 2; b: 0 1; a: 3 4; b: 2. The range excludes the first record of each partition.
class PlannedRangeTest : public ::testing::Test {
 protected:
  static PlannedRange Range() {
    log::OrderedExtents extents{
        .lsns = {.from = Lsn(10), .to = Lsn(20)}, .files = {"/1", "/2"}, .extents = {}};
    const auto add = [&](TopicPartition tp, std::uint32_t file, std::int64_t base,
                         std::int32_t records) {
      extents.extents.push_back({.tp = tp,
                                 .file = file,
                                 .length = 9,
                                 .position = extents.extents.size(),
                                 .base_offset = Offset(base),
                                 .records = records});
    };
    add(kA, 0, 0, 3);
    add(kB, 0, 0, 2);
    add(kA, 1, 3, 2);
    add(kB, 1, 2, 1);
    return PlannedRange(std::move(extents), {{kA, {.from = Offset(1)}}, {kB, {.from = Offset(1)}}},
                        {{.id = kTopic, .name = "events", .partitions = 2}});
  }
  // Returns the records that a worker reads for a piece.
  static std::vector<std::string> Records(const PlannedRange& range, std::int64_t from,
                                          std::int64_t to) {
    const auto piece = std::get<jobs::LogSegments>(range.Between(from, to));
    EXPECT_EQ(piece.range.lsns, (LsnRange{.from = Lsn(10), .to = Lsn(20)}));
    EXPECT_EQ(piece.topics.at(0).name, "events");
    const std::vector<std::tuple<TopicPartition, std::int64_t, std::int64_t>> batches = {
        {kA, 0, 3}, {kB, 0, 2}, {kA, 3, 5}, {kB, 2, 3}};
    std::vector<std::string> records;
    for (const auto& extent : piece.extents) {
      EXPECT_EQ(extent.file, extent.position / 2);
      const auto& [tp, begin, end] = batches.at(extent.position);
      const OffsetRange in = piece.range.offsets.at(tp);
      for (std::int64_t offset = begin; offset < end; ++offset) {
        if (Offset(offset) < in.from || Offset(offset) >= in.to) continue;
        records.push_back(fmt::format("{}/{}", tp.partition, offset));
      }
    }
    return records;
  }
};

TEST_F(PlannedRangeTest, NumbersItsRecordsInTheOrderOfTheLog) {
  const auto range = Range();
  ASSERT_EQ(range.size(), 6);
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < range.size(); ++i) {
    names.push_back(range.NameOf(range.RecordAt(i)));
    EXPECT_EQ(range.NumberOf(range.RecordAt(i)), i);
  }
  EXPECT_THAT(names, ElementsAre("events/0 offset 1", "events/0 offset 2", "events/1 offset 1",
                                 "events/0 offset 3", "events/0 offset 4", "events/1 offset 2"));
  EXPECT_FALSE(range.NumberOf(Id(kA, 0)));
  EXPECT_FALSE(range.NumberOf(Id(kB, 3)));
}

TEST_F(PlannedRangeTest, AnyPieceHasItsRecordsAndNoOther) {
  const auto range = Range();
  const auto all = Records(range, 0, range.size());
  ASSERT_THAT(all, ElementsAre("0/1", "0/2", "1/1", "0/3", "0/4", "1/2"));
  for (std::int64_t from = 0; from <= range.size(); ++from) {
    for (std::int64_t to = from; to <= range.size(); ++to) {
      EXPECT_EQ(Records(range, from, to), std::vector(all.begin() + from, all.begin() + to))
          << from << " " << to;
    }
  }
}

TEST_F(PlannedRangeTest, TellsTheOffsetsOfItsFirstRecords) {
  const auto range = Range();
  EXPECT_TRUE(range.OffsetsOf(0).empty());
  EXPECT_EQ(range.OffsetsOf(2), (OffsetRanges{{kA, {.from = Offset(1), .to = Offset(3)}}}));
  EXPECT_EQ(range.OffsetsOf(4), (OffsetRanges{{kA, {.from = Offset(1), .to = Offset(4)}},
                                              {kB, {.from = Offset(1), .to = Offset(2)}}}));
}

TEST_F(PlannedRangeTest, ACutKeepsItsFirstRecords) {
  const auto all = Records(Range(), 0, 6);
  for (std::int64_t size = 1; size < 6; ++size) {
    auto range = Range();
    range.CutTo(size);
    EXPECT_EQ(range.size(), size);
    EXPECT_EQ(Records(range, 0, size), std::vector(all.begin(), all.begin() + size));
    EXPECT_EQ(range.OffsetsOf(size), Range().OffsetsOf(size));
  }
}

TEST_F(PlannedRangeTest, WithoutItsFirstRecordsTheOthersAreNumberedAnew) {
  const auto all = Records(Range(), 0, 6);
  for (std::int64_t count = 0; count < 6; ++count) {
    auto range = Range();
    range.DropFirst(count);
    ASSERT_EQ(range.size(), 6 - count);
    EXPECT_EQ(Records(range, 0, range.size()), std::vector(all.begin() + count, all.end()));
    EXPECT_EQ(range.NumberOf(Range().RecordAt(count)), 0);
    range.CutTo(1);
    EXPECT_EQ(Records(range, 0, 1), std::vector(1, all[static_cast<std::size_t>(count)]));
  }
}

}  // namespace
}  // namespace st::stream
