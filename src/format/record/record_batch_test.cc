#include "format/record/record_batch.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "format/record/varint.h"

namespace st::record {
namespace {

std::string TwoRecords() {
  return BuildBatch({{.key = "k", .value = "one", .timestamp_ms = 1000, .headers = {{"h", "v"}}},
                     {.key = std::nullopt, .value = "two", .timestamp_ms = 1007, .headers = {}}});
}

TEST(RecordBatch, WhatIsBuiltChecksAndDecodes) {
  std::string batch = TwoRecords();
  ASSERT_TRUE(CheckBatch(batch));
  SetBaseOffset(batch, 40, 3);
  ASSERT_TRUE(CheckBatch(batch)) << "the crc does not cover base offset and epoch";
  std::string scratch;
  std::vector<Record> records;
  ASSERT_TRUE(DecodeRecords(batch, 1 << 20, scratch, records));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].offset, 40);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].headers.at(0).key, "h");
  EXPECT_EQ(records[1].offset, 41);
  EXPECT_EQ(records[1].timestamp_ms, 1007);
  EXPECT_EQ(records[1].key, std::nullopt);
  EXPECT_EQ(records[1].value, "two");
}

TEST(RecordBatch, EveryTruncationAndFlippedByteIsRefusedOrDecodes) {
  const std::string batch = TwoRecords();
  std::string scratch;
  std::vector<Record> records;
  for (std::size_t n = 0; n < batch.size(); ++n) {
    EXPECT_FALSE(CheckBatch(batch.substr(0, n))) << n;
    std::string flipped = batch;
    flipped[n] = static_cast<char>(flipped[n] ^ 0x55);
    // Base offset and leader epoch are the broker's to write; all else is protected.
    const bool free_to_change = n < 8 || (n >= 12 && n < 16);
    EXPECT_EQ(CheckBatch(flipped).has_value(), free_to_change) << n;
    Ignore(DecodeRecords(flipped, 1 << 20, scratch, records), "must not crash");
  }
}

TEST(RecordBatch, VarintsRoundTrip) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63},
                                   std::int64_t{64}, INT64_MAX, INT64_MIN}) {
    std::string bytes;
    AppendVarint(bytes, value);
    EXPECT_EQ(bytes.size(), VarintBytes(value));
    std::string_view rest = bytes;
    EXPECT_EQ(TakeVarint(rest), value);
    EXPECT_TRUE(rest.empty());
  }
}

}  // namespace
}  // namespace st::record
