// Kafka record batches, magic 2 (KIP-98): header check, records in, records out.
//
// Pure and total on hostile input. Kafka protocol guide, "Record Batch".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace st::record {

inline constexpr std::size_t kBatchHeaderBytes = 61;
// A small compressed batch can hold very many records or headers, each of which costs a reader
// memory: beyond these a batch is refused.
inline constexpr std::int32_t kMaxBatchRecords = 1'000'000;
inline constexpr std::size_t kMaxBatchHeaders = 1'000'000;

enum class Compression : std::uint8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

struct BatchHeader {
  std::int64_t base_offset = 0;
  std::int32_t batch_length = 0;  // bytes after this field
  std::int32_t leader_epoch = 0;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp_ms = 0;
  std::int64_t max_timestamp_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  Compression compression() const { return static_cast<Compression>(attributes & 7); }
  bool is_log_append_time() const { return (attributes & 8) != 0; }
  bool is_transactional() const { return (attributes & 16) != 0; }
  bool is_control() const { return (attributes & 32) != 0; }
  std::size_t total_bytes() const { return 12 + static_cast<std::size_t>(batch_length); }
};

// The header at the front of `bytes`; needs kBatchHeaderBytes only. Does not check the CRC.
// kInvalidArgument: too short, magic other than 2, lengths or counts that cannot be.
Result<BatchHeader> ParseHeader(std::string_view bytes);

// ParseHeader plus: exactly one batch, CRC right, lastOffsetDelta + 1 == recordsCount >= 1.
// kInvalidArgument with the reason.
Result<BatchHeader> CheckBatch(std::string_view batch);

// Writes base offset and leader epoch in place (the CRC does not cover them).
void SetBaseOffset(std::string& batch, std::int64_t base_offset, std::int32_t leader_epoch);

// Writes the largest time, clears the attribute of log append time and computes the CRC anew. Equal
// batches give equal bytes. Requires: CheckBatch passed.
void SetCreateTimes(std::string& batch, std::int64_t max_timestamp_ms);

struct Header {
  std::string_view key;
  std::optional<std::string_view> value;
};
// One record; views point into the decoded buffer.
struct Record {
  std::int64_t offset = 0;        // absolute
  std::int64_t timestamp_ms = 0;  // absolute; maxTimestamp when the batch has LogAppendTime
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::vector<Header> headers;
};

// Records of one checked batch, decompressed (none, gzip, snappy raw and xerial, lz4 frame, zstd).
// `scratch` holds the decompressed bytes and must outlive `records`. kCorruption on bad contents;
// kInvalidArgument when they decompress to more than `limit_bytes` or have too many headers.
Status DecodeRecords(std::string_view batch, std::uint64_t limit_bytes, std::string& scratch,
                     std::vector<Record>& records);

// Checks, without keeping the records, that those of a checked batch decode and have the offsets 0,
// 1, 2, … from its base. Gives the largest time of a record as its client set it, at least -1: the
// time that Kafka stores as the batch's largest one, whatever its header had. kCorruption where
// they do not decode; kInvalidArgument when they are more than kMaxBatchRecords, have more than
// kMaxBatchHeaders headers or decompress to more than `limit_bytes` (no more than that is
// decompressed).
Result<std::int64_t> CheckRecords(std::string_view batch, std::uint64_t limit_bytes,
                                  std::string& scratch);

// The records of one batch, one after the other, without a list of all of them: memory stays at the
// decompressed bytes.
//
// Threads: one thread. `batch` must outlive it; a record's views are good until Open.
class RecordScan {
 public:
  // Errors as DecodeRecords, except those of single records.
  Status Open(std::string_view batch, std::uint64_t limit_bytes);
  // False at the end. kCorruption: it does not decode, or its offset is not above the last one's;
  // kInvalidArgument: too many headers. Then the scan is over.
  Result<bool> Next(Record& record);
  const BatchHeader& header() const { return header_; }

 private:
  BatchHeader header_;
  std::string scratch_;
  std::string_view left_;
  std::int32_t taken_ = 0;
  std::int64_t last_offset_ = -1;
  std::int64_t headers_left_ = 0;
};

// All records of whole batches that stand one after the other, as Log::Read gives them, until
// `take` fails. Gives the offset behind the last batch, -1 where there is none. Errors as
// RecordScan's.
Result<std::int64_t> ForEachRecord(std::string_view batches, std::uint64_t limit_bytes,
                                   const std::function<Status(const Record&)>& take);

struct NewRecord {
  std::optional<std::string_view> key;
  std::string_view value;
  std::int64_t timestamp_ms = 0;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};
// Of an idempotent producer (KIP-98).
struct BatchProducer {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
  std::int32_t sequence = -1;  // of the first record
};
// One uncompressed batch of 1..n records, base offset 0.
std::string BuildBatch(const std::vector<NewRecord>& records, const BatchProducer& producer = {});

}  // namespace st::record
