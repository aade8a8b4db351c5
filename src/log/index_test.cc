#include "log/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace st::log {
namespace {

std::vector<IndexedBatch> Two() {
  const TopicPartition tp{TopicId(), PartitionId(3)};
  return {{tp,
           {.base_offset = 0,
            .max_time_ms = 5,
            .segment = 7,
            .position = 64,
            .length = 100,
            .records = 2}},
          {tp,
           {.base_offset = 2,
            .max_time_ms = 9,
            .segment = 7,
            .position = 168,
            .length = 50,
            .records = 1}}};
}

TEST(Index, FindsTheBatchThatHoldsAnOffset) {
  Index index;
  index.Add(Two());
  const TopicPartition tp{TopicId(), PartitionId(3)};
  EXPECT_EQ(index.EntriesFrom(tp, 1, 3, 1, 100).size(), 1U);
  EXPECT_EQ(index.EntriesFrom(tp, 1, 3, 1000, 100).size(), 2U);
  EXPECT_EQ(index.EntriesFrom(tp, 2, 3, 1000, 100).at(0).base_offset, 2);
  EXPECT_TRUE(index.EntriesFrom(tp, 3, 3, 1000, 100).empty());
  EXPECT_EQ(index.AtTime(tp, 6)->base_offset, 2);
  EXPECT_EQ(index.EntriesOfSegment(7).size(), 2U);
  EXPECT_TRUE(index.EntriesOfSegment(8).empty());
}

TEST(Index, GivesEachEntryAsItCame) {
  const TopicPartition tp{TopicId(), PartitionId(0)};
  Index index;
  std::vector<IndexedBatch> all;
  std::int64_t offset = 0;
  std::uint64_t position = 64;
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t segment = 1 + static_cast<std::uint64_t>(i) / 1700;
    if (i % 1700 == 0) position = 64;
    // Times that jump by months, and a position beyond 2 GiB.
    const std::int64_t time_ms = 1'700'000'000'000 + (i % 7 == 0 ? i * 3'000'000'000LL : -i);
    if (i == 4000) position += 5ULL << 30;
    const std::int64_t extreme = i % 2 == 0 ? std::numeric_limits<std::int64_t>::max()
                                            : std::numeric_limits<std::int64_t>::min();
    const auto records = static_cast<std::int32_t>(1 + i % 3);
    all.push_back({tp,
                   {.base_offset = offset,
                    .max_time_ms = i > 4900 ? extreme : time_ms,
                    .segment = segment,
                    .position = position,
                    .length = static_cast<std::uint32_t>(100 + i % 11),
                    .records = records}});
    offset += records;
    position += 128;
  }
  index.Add(all);
  const auto is_same = [](const IndexEntry& a, const IndexEntry& b) {
    return a.base_offset == b.base_offset && a.max_time_ms == b.max_time_ms &&
           a.segment == b.segment && a.position == b.position && a.length == b.length &&
           a.records == b.records;
  };
  for (std::size_t i = 0; i < all.size(); i += 37) {
    const auto& want = all[i].entry;
    const std::int64_t last = want.end_offset() - 1;
    const auto got = index.EntriesFrom(tp, last, offset, 1 << 30, 1 << 20);
    ASSERT_EQ(got.size(), all.size() - i);
    for (std::size_t k = 0; k < got.size(); k += 101) {
      ASSERT_TRUE(is_same(got[k], all[i + k].entry)) << i << " " << k;
    }
    const auto first = std::ranges::find_if(
        all, [&](const auto& one) { return one.entry.max_time_ms >= want.max_time_ms; });
    EXPECT_TRUE(is_same(*index.AtTime(tp, want.max_time_ms), first->entry));
  }
  EXPECT_EQ(index.EntriesOfSegment(2).size(), 1700U);
  EXPECT_EQ(index.EntriesOfSegment(3).front().entry.position, 64U);
}

TEST(Index, GoesOnBehindAHole) {
  const TopicPartition tp{TopicId(), PartitionId(0)};
  Index index;
  std::vector<IndexedBatch> batches;
  for (const std::int64_t offset : {5, 6, 9}) {
    batches.push_back({tp,
                       {.base_offset = offset,
                        .max_time_ms = offset,
                        .segment = 3,
                        .position = 64 * static_cast<std::uint64_t>(offset),
                        .length = 60,
                        .records = 1}});
  }
  index.Add(batches);
  const auto next = [&](std::int64_t from) {
    return index.EntriesFrom(tp, from, 100, 1, 100).at(0).base_offset;
  };
  EXPECT_EQ(next(0), 5);
  EXPECT_EQ(next(6), 6);
  EXPECT_EQ(next(7), 9);
  EXPECT_EQ(next(8), 9);
  EXPECT_TRUE(index.EntriesFrom(tp, 7, 9, 1000, 100).empty())
      << "nothing before the end of the range";
  EXPECT_TRUE(index.EntriesFrom(tp, 10, 100, 1000, 100).empty());
  EXPECT_EQ(index.EntriesFrom(tp, 0, 100, 1000, 100).at(1).records, 1) << "a hole is no record";
  EXPECT_EQ(index.AtTime(tp, 0, 7)->base_offset, 9);
  EXPECT_EQ(index.EntriesOfSegment(3).size(), 3U);
}

TEST(IndexFile, RoundTripsAndNoticesEveryFlippedByte) {
  const std::string bytes = EncodeIndexFile(Two(), 1000);
  ASSERT_EQ(DecodeIndexFile(bytes, 7, 1000)->size(), 2U);
  EXPECT_FALSE(DecodeIndexFile(bytes, 7, 1001)) << "another segment's length";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    EXPECT_FALSE(DecodeIndexFile(flipped, 7, 1000)) << i;
    EXPECT_FALSE(DecodeIndexFile(bytes.substr(0, i), 7, 1000)) << i;
  }
}

}  // namespace
}  // namespace st::log
