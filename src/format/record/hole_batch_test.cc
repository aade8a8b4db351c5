#include "format/record/hole_batch.h"

#include <gtest/gtest.h>

#include <limits>

#include "format/record/record_batch.h"

namespace st::record {
namespace {

TEST(HoleBatch, HasNoRecordAndGoesOnBehindTheHole) {
  const auto hole = BuildHole(10, 25);
  const auto header = ParseHeader(hole).value();
  EXPECT_EQ(header.total_bytes(), hole.size());
  EXPECT_EQ(header.record_count, 0);
  EXPECT_EQ(header.producer_id, -1);
  int records = 0;
  const auto next = ForEachRecord(hole, 1 << 20, [&](const Record&) -> Status {
    ++records;
    return {};
  });
  EXPECT_EQ(next.value(), 25);
  EXPECT_EQ(records, 0);
  // The batch is right but for its count, which only a log's own batch may have.
  EXPECT_EQ(CheckBatch(hole).error().message(), "record batch of 0 records, last offset delta 14");
}

TEST(HoleBatch, AHoleOfMoreOffsetsThanABatchHasTakesSeveral) {
  const std::int64_t most = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;
  const auto next = ForEachRecord(BuildHole(5, 5 + 2 * most), 1 << 20,
                                  [](const Record&) -> Status { return {}; });
  EXPECT_EQ(next.value(), 5 + most);
}

}  // namespace
}  // namespace st::record
