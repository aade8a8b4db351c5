#include "format/record/batch_times.h"

#include <gtest/gtest.h>

#include "format/record/record_batch.h"

namespace st::record {
namespace {

std::string BatchAt(std::initializer_list<std::int64_t> times_ms) {
  std::vector<NewRecord> records;
  for (const auto time_ms : times_ms) {
    records.push_back({.key = std::nullopt, .value = "v", .timestamp_ms = time_ms, .headers = {}});
  }
  return BuildBatch(records);
}

TEST(BatchTimes, TheTimeOfTheAppendIsThatOfEachRecord) {
  auto batch = BatchAt({5, 3, 9});
  SetLogAppendTime(batch, 1'000);
  const auto header = CheckBatch(batch);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_TRUE(header->is_log_append_time());
  EXPECT_EQ(header->max_timestamp_ms, 1'000);
  EXPECT_EQ(header->base_timestamp_ms, 5) << "as Kafka leaves it";
  std::string scratch;
  std::vector<Record> records;
  ASSERT_TRUE(DecodeRecords(batch, 1 << 20, scratch, records));
  for (const auto& record : records) EXPECT_EQ(record.timestamp_ms, 1'000);
}

TEST(BatchTimes, TheSmallestTimeIsOfRecordsThatHaveOne) {
  EXPECT_EQ(SmallestTime(BatchAt({5, 3, 9}), 1 << 20), 3);
  EXPECT_EQ(SmallestTime(BatchAt({5, -1, 9}), 1 << 20), 5);
  EXPECT_FALSE(SmallestTime(BatchAt({-1}), 1 << 20).value());
  EXPECT_FALSE(SmallestTime(BatchAt({5, 3, 9}), 4)) << "over the limit";
}

}  // namespace
}  // namespace st::record
