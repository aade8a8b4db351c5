#include "format/record/record_batch.h"

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/text.h"

namespace st::record {
namespace {

std::string TwoRecords() {
  return BuildBatch({{.key = "k", .value = "one", .timestamp_ms = 1000, .headers = {{"h", "v"}}},
                     {.key = std::nullopt, .value = "two", .timestamp_ms = 1007, .headers = {}}});
}

TEST(RecordBatch, ABuiltBatchPassesChecksAndDecodes) {
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
    // The broker sets base offset and leader epoch, so the CRC does not cover these two.
    const bool free_to_change = n < 8 || (n >= 12 && n < 16);
    EXPECT_EQ(CheckBatch(flipped).has_value(), free_to_change) << n;
    Ignore(DecodeRecords(flipped, 1 << 20, scratch, records), "must not crash");
  }
}

// A batch with these records, marked as compressed by `codec`; lengths, count and CRC are correct.
std::string WithRecords(const std::string& records, std::int16_t codec, std::int32_t count) {
  std::string batch = TwoRecords().substr(0, kBatchHeaderBytes) + records;
  StoreBig(batch.data() + 8, static_cast<std::int32_t>(batch.size() - 12));
  StoreBig(batch.data() + 21, codec);
  StoreBig(batch.data() + 23, count - 1);
  StoreBig(batch.data() + 57, count);
  StoreBig(batch.data() + 17, Crc32c(std::string_view(batch).substr(21)));
  return batch;
}

// A record with this offset delta and `headers` headers of two bytes each; without headers it has 7
// bytes.
std::string TinyRecord(std::int64_t offset_delta, std::int64_t headers = 0) {
  std::string body("\0\0", 2);
  AppendVarint(body, ZigZag(offset_delta));
  AppendVarint(body, ZigZag(-1));
  AppendVarint(body, ZigZag(0));
  AppendVarint(body, ZigZag(headers));
  for (std::int64_t i = 0; i < headers; ++i) body += std::string("\0\1", 2);
  std::string out;
  AppendVarint(out, ZigZag(static_cast<std::int64_t>(body.size())));
  return out + body;
}

std::string Zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

TEST(CheckRecords, AcceptsABatchThatDecodes) {
  std::string scratch;
  EXPECT_TRUE(CheckRecords(TwoRecords(), 1 << 20, scratch));
  const std::string batch = WithRecords(Zstd(TinyRecord(0) + TinyRecord(1)), 4, 2);
  ASSERT_TRUE(CheckBatch(batch));
  EXPECT_TRUE(CheckRecords(batch, 1 << 20, scratch));
}

TEST(CheckRecords, GivesTheLargestTimeOfTheRecordsWhateverTheHeaderSays) {
  std::string scratch;
  std::string batch = BuildBatch({{.value = "a", .timestamp_ms = 900, .headers = {}},
                                  {.value = "b", .timestamp_ms = 2000, .headers = {}},
                                  {.value = "c", .timestamp_ms = 7, .headers = {}}});
  EXPECT_EQ(CheckRecords(batch, 1 << 20, scratch), 2000);
  StoreBig(batch.data() + 35, std::int64_t{1} << 62);
  EXPECT_EQ(CheckRecords(batch, 1 << 20, scratch), 2000);
  batch[22] = 8;
  EXPECT_EQ(CheckRecords(batch, 1 << 20, scratch), 2000) << "log append time is not the client's";
  const std::string early = BuildBatch({{.value = "a", .timestamp_ms = -500, .headers = {}}});
  EXPECT_EQ(CheckRecords(early, 1 << 20, scratch), -1);
}

TEST(RecordBatch, SettingTimesChangesNothingElse) {
  const std::string batch = TwoRecords();
  std::string changed = batch;
  changed[22] = 8 | 4;
  SetCreateTimes(changed, 77);
  ASSERT_TRUE(CheckBatch(changed));
  EXPECT_EQ(ParseHeader(changed)->max_timestamp_ms, 77);
  EXPECT_EQ(ParseHeader(changed)->attributes, 4);
  changed[22] = 0;
  SetCreateTimes(changed, 1007);
  EXPECT_EQ(changed, batch);
}

TEST(RecordBatch, RefusesAControlBatch) {
  const auto checked = CheckBatch(WithRecords(TinyRecord(0), 32, 1));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().detail(), ErrorDetail::kForbiddenBatch);
  EXPECT_EQ(checked.error().message(),
            "invalid record batch: attributes 0x20 make it a control batch, which no client may "
            "write");
}

TEST(CheckRecords, RefusesOffsetsThatAreNotDense) {
  std::string scratch;
  const auto done = CheckRecords(WithRecords(TinyRecord(0) + TinyRecord(0), 0, 2), 1000, scratch);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kCorruption);
  EXPECT_EQ(done.error().message(), "record 1 of 2 has offset delta 0");
}

TEST(CheckRecords, RefusesASmallBatchThatGrowsBeyondTheLimit) {
  const std::string bomb = WithRecords(Zstd(std::string(64 << 20, '\0')), 4, 1);
  EXPECT_LT(bomb.size(), 10'000U);
  std::string scratch;
  const auto done = CheckRecords(bomb, 1 << 20, scratch);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(done.error().message(), "records decompress to more than 1048576 bytes");
  EXPECT_LE(scratch.size(), std::size_t{2} << 20) << "no more than that was decompressed";
}

TEST(CheckRecords, RefusesTooManyRecordsBeforeItDecompresses) {
  std::string scratch;
  const auto done = CheckRecords(WithRecords("not zstd", 4, kMaxBatchRecords + 1), 100, scratch);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(done.error().message(), "record batch of 1000001 records; at most 1000000");
}

std::string Zlib(const std::string& text, int window) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, 0);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(CheckRecords, RefusesBytesBehindTheFrameThatDecodingIgnores) {
  const std::string records = TinyRecord(0);
  std::string zstd(ZSTD_compressBound(records.size()), 0);
  zstd.resize(ZSTD_compress(zstd.data(), zstd.size(), records.data(), records.size(), 1));
  std::string lz4(LZ4F_compressFrameBound(records.size(), nullptr), 0);
  lz4.resize(LZ4F_compressFrame(lz4.data(), lz4.size(), records.data(), records.size(), nullptr));
  std::string scratch;
  std::vector<Record> decoded;
  const std::string zeros(4, 0);
  for (const auto& [codec, frame] :
       {std::pair<std::int16_t, std::string>{1, Zlib(records, 31)}, {3, lz4}, {4, zstd}}) {
    EXPECT_TRUE(CheckRecords(WithRecords(frame, codec, 1), 100, scratch)) << codec;
    for (const auto& rest : {zeros, std::string("x"), frame}) {
      const auto batch = WithRecords(frame + rest, codec, 1);
      const auto done = CheckRecords(batch, 100, scratch);
      ASSERT_FALSE(done) << codec;
      EXPECT_EQ(done.error().code(), ErrorCode::kCorruption);
      EXPECT_TRUE(DecodeRecords(batch, 100, scratch, decoded)) << codec;
    }
  }
  const auto zlib = WithRecords(Zlib(records, 15), 1, 1);
  EXPECT_FALSE(CheckRecords(zlib, 100, scratch));
  EXPECT_TRUE(DecodeRecords(zlib, 100, scratch, decoded));
}

TEST(CheckRecords, RefusesTooManyHeadersAndSoDoesDecoding) {
  const auto most = static_cast<std::int64_t>(kMaxBatchHeaders);
  std::string scratch;
  const std::string full = WithRecords(TinyRecord(0, most), 0, 1);
  EXPECT_TRUE(CheckRecords(full, full.size(), scratch));
  const std::string over = WithRecords(TinyRecord(0, most) + TinyRecord(1, 1), 0, 2);
  const auto done = CheckRecords(over, over.size(), scratch);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "record batch with more than 1000000 headers");
  std::vector<Record> records;
  EXPECT_FALSE(DecodeRecords(over, over.size(), scratch, records));
}

TEST(RecordScan, GivesOneRecordAfterTheOther) {
  std::string batch = TwoRecords();
  SetBaseOffset(batch, 40, 3);
  RecordScan scan;
  for (int again = 0; again < 2; ++again) {
    ASSERT_TRUE(scan.Open(batch, 1 << 20));
    EXPECT_EQ(scan.header().record_count, 2);
    Record record;
    EXPECT_EQ(scan.Next(record), true);
    EXPECT_EQ(record.offset, 40);
    EXPECT_EQ(record.value, "one");
    EXPECT_EQ(record.headers.at(0).value, "v");
    EXPECT_EQ(scan.Next(record), true);
    EXPECT_EQ(record.offset, 41);
    EXPECT_EQ(scan.Next(record), false);
    EXPECT_EQ(scan.Next(record), false);
  }
  EXPECT_EQ(scan.Open(batch, 8).error().code(), ErrorCode::kInvalidArgument);
}

TEST(RecordScan, EndsAtARecordThatDoesNotDecode) {
  const std::string batch = TwoRecords();
  int broken = 0;
  for (std::size_t n = kBatchHeaderBytes; n < batch.size(); ++n) {
    std::string flipped = batch;
    flipped[n] = static_cast<char>(flipped[n] ^ 0x55);
    RecordScan scan;
    ASSERT_TRUE(scan.Open(flipped, 1 << 20));
    Record record;
    Result<bool> got = true;
    while (got && *got) got = scan.Next(record);
    if (got) continue;
    ++broken;
    EXPECT_EQ(got.error().code(), ErrorCode::kCorruption);
    EXPECT_EQ(scan.Next(record), false) << "it is over";
  }
  EXPECT_GT(broken, 5);
}

TEST(RecordScan, RefusesOffsetsThatDoNotRise) {
  std::string batch = TwoRecords();
  // The second record's offset delta is before the lengths of its key and its value.
  const auto second = batch.rfind("two") - 3;
  ASSERT_EQ(batch[second], 2) << "offset delta 1, zigzag";
  batch[second] = 0;
  RecordScan scan;
  ASSERT_TRUE(scan.Open(batch, 1 << 20));
  Record record;
  EXPECT_EQ(scan.Next(record), true);
  EXPECT_EQ(scan.Next(record).error().message(), "record 1 of 2 does not decode");
}

}  // namespace
}  // namespace st::record
