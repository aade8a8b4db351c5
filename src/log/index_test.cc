#include "log/index.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(index.End(tp), 3);
  EXPECT_EQ(index.From(tp, 1, 3, 1, 100).size(), 1U);
  EXPECT_EQ(index.From(tp, 1, 3, 1000, 100).size(), 2U);
  EXPECT_EQ(index.From(tp, 2, 3, 1000, 100).at(0).base_offset, 2);
  EXPECT_TRUE(index.From(tp, 3, 3, 1000, 100).empty());
  EXPECT_EQ(index.AtTime(tp, 6)->base_offset, 2);
  EXPECT_EQ(index.OfSegment(7).size(), 2U);
  EXPECT_TRUE(index.OfSegment(8).empty());
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
