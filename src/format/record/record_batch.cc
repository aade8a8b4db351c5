#include "format/record/record_batch.h"

#include <algorithm>

#include "base/coding.h"
#include "base/crc32c.h"
#include "format/record/compression.h"

namespace st::record {
namespace {

constexpr std::size_t kCrcCoversFrom = 21;
constexpr std::int16_t kLogAppendTime = 8;
constexpr std::size_t kMinBatchLength = kBatchHeaderBytes - 12;

// A varint of either sign. Kafka's clients drop the bits above the 64th.
std::int64_t ReadVarint(ByteReader& in) { return UnZigZag(in.Varint(HighBits::kDrop)); }
std::string_view ReadBytes(ByteReader& in) {
  return in.Bytes(static_cast<std::uint64_t>(ReadVarint(in)));
}
std::optional<std::string_view> ReadNullableBytes(ByteReader& in) {
  const std::int64_t n = ReadVarint(in);
  if (n == -1) return std::nullopt;
  return in.Bytes(static_cast<std::uint64_t>(n));
}

// Takes one record off `in`; returns false if the bytes hold none. `headers_left` is the number of
// headers that the batch may still have: a record with more makes it negative, and none of its
// headers are read.
bool TakeRecord(ByteReader& in, const BatchHeader& header, std::int64_t& headers_left,
                Record& record) {
  ByteReader body(ReadBytes(in));
  if (!in.ok()) return false;
  body.Bytes(1);  // skips the attributes, which are unused
  const std::int64_t timestamp_delta = ReadVarint(body);
  const std::int64_t offset_delta = ReadVarint(body);
  if (offset_delta < 0 || offset_delta > header.last_offset_delta) return false;
  record.offset = header.base_offset + offset_delta;
  record.timestamp_ms =
      header.is_log_append_time()
          ? header.max_timestamp_ms
          : static_cast<std::int64_t>(static_cast<std::uint64_t>(header.base_timestamp_ms) +
                                      static_cast<std::uint64_t>(timestamp_delta));
  record.key = ReadNullableBytes(body);
  record.value = ReadNullableBytes(body);
  const std::int64_t headers = ReadVarint(body);
  if (headers < 0 || static_cast<std::uint64_t>(headers) > body.left().size()) return false;
  record.headers.clear();
  headers_left -= headers;
  if (headers_left < 0) return false;
  for (std::int64_t i = 0; i < headers && body.ok(); ++i) {
    const auto key = ReadBytes(body);
    record.headers.push_back({key, ReadNullableBytes(body)});
  }
  return body.is_at_end();
}

std::size_t SignedBytes(std::int64_t value) { return VarintBytes(ZigZag(value)); }
void AppendSigned(std::string& out, std::int64_t value) { AppendVarint(out, ZigZag(value)); }

std::size_t RecordBodyBytes(const NewRecord& record, std::int64_t time_delta, std::int64_t index) {
  const auto bytes_field = [](std::size_t n) {
    return SignedBytes(static_cast<std::int64_t>(n)) + n;
  };
  std::size_t n = 1 + SignedBytes(time_delta) + SignedBytes(index);
  n += record.key ? bytes_field(record.key->size()) : SignedBytes(-1);
  n += bytes_field(record.value.size());
  n += SignedBytes(static_cast<std::int64_t>(record.headers.size()));
  for (const auto& [key, value] : record.headers) {
    n += bytes_field(key.size()) + bytes_field(value.size());
  }
  return n;
}

void AppendRecord(std::string& out, const NewRecord& record, std::int64_t time_delta,
                  std::int64_t index) {
  const auto bytes_field = [&out](std::string_view bytes) {
    AppendSigned(out, static_cast<std::int64_t>(bytes.size()));
    out += bytes;
  };
  AppendSigned(out, static_cast<std::int64_t>(RecordBodyBytes(record, time_delta, index)));
  out.push_back('\0');
  AppendSigned(out, time_delta);
  AppendSigned(out, index);
  if (record.key) {
    bytes_field(*record.key);
  } else {
    AppendSigned(out, -1);
  }
  bytes_field(record.value);
  AppendSigned(out, static_cast<std::int64_t>(record.headers.size()));
  for (const auto& [key, value] : record.headers) {
    bytes_field(key);
    bytes_field(value);
  }
}

}  // namespace

Result<BatchHeader> ParseHeader(std::string_view bytes) {
  if (bytes.size() < kBatchHeaderBytes) {
    return Fail(ErrorCode::kInvalidArgument, "record batch of {} bytes, a header alone has {}",
                bytes.size(), kBatchHeaderBytes);
  }
  if (bytes[16] != 2) {
    return Fail(ErrorCode::kInvalidArgument, "record batch magic {}, only 2 is supported",
                static_cast<int>(bytes[16]));
  }
  BatchHeader header;
  header.base_offset = LoadBig<std::int64_t>(bytes);
  header.batch_length = LoadBig<std::int32_t>(bytes.substr(8));
  header.leader_epoch = LoadBig<std::int32_t>(bytes.substr(12));
  header.crc = LoadBig<std::uint32_t>(bytes.substr(17));
  header.attributes = LoadBig<std::int16_t>(bytes.substr(21));
  header.last_offset_delta = LoadBig<std::int32_t>(bytes.substr(23));
  header.base_timestamp_ms = LoadBig<std::int64_t>(bytes.substr(27));
  header.max_timestamp_ms = LoadBig<std::int64_t>(bytes.substr(35));
  header.producer_id = LoadBig<std::int64_t>(bytes.substr(43));
  header.producer_epoch = LoadBig<std::int16_t>(bytes.substr(51));
  header.base_sequence = LoadBig<std::int32_t>(bytes.substr(53));
  header.record_count = LoadBig<std::int32_t>(bytes.substr(57));
  if (header.batch_length < static_cast<std::int32_t>(kMinBatchLength) || header.record_count < 0 ||
      header.last_offset_delta < 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "record batch with length {}, {} records, last offset delta {}",
                header.batch_length, header.record_count, header.last_offset_delta);
  }
  return header;
}

Result<BatchHeader> CheckBatch(std::string_view batch) {
  ST_TRY(const BatchHeader header, ParseHeader(batch));
  if (header.total_bytes() != batch.size()) {
    return Fail(ErrorCode::kInvalidArgument, "record batch of {} bytes, its header says {}",
                batch.size(), header.total_bytes());
  }
  const std::uint32_t crc = Crc32c(batch.substr(kCrcCoversFrom));
  if (crc != header.crc) {
    return Fail(ErrorCode::kInvalidArgument, "record batch crc {:#010x}, want {:#010x}", crc,
                header.crc);
  }
  if (header.record_count < 1 || header.last_offset_delta != header.record_count - 1) {
    return Fail(ErrorCode::kInvalidArgument, "record batch of {} records, last offset delta {}",
                header.record_count, header.last_offset_delta);
  }
  if ((header.attributes & 7) > 4) {
    return Fail(ErrorCode::kInvalidArgument,
                "record batch attributes {:#x}: compression {} is unknown; 0 to 4 are supported",
                header.attributes, header.attributes & 7);
  }
  if (header.is_control()) {
    return Fail(ErrorCode::kInvalidArgument, ErrorDetail::kForbiddenBatch,
                "invalid record batch: attributes {:#x} make it a control batch, which no client "
                "may write",
                header.attributes);
  }
  if (header.producer_id >= 0 && (header.producer_epoch < 0 || header.base_sequence < 0)) {
    return Fail(ErrorCode::kInvalidArgument, ErrorDetail::kForbiddenBatch,
                "invalid record batch: producer {} with epoch {} and sequence {}",
                header.producer_id, header.producer_epoch, header.base_sequence);
  }
  return header;
}

void SetBaseOffset(std::string& batch, std::int64_t base_offset, std::int32_t leader_epoch) {
  StoreBig(batch.data(), base_offset);
  StoreBig(batch.data() + 12, leader_epoch);
}

void SetCreateTimes(std::string& batch, std::int64_t max_timestamp_ms) {
  const auto attributes = LoadBig<std::int16_t>(std::string_view(batch).substr(21));
  StoreBig(batch.data() + 21, static_cast<std::int16_t>(attributes & ~kLogAppendTime));
  StoreBig(batch.data() + 35, max_timestamp_ms);
  StoreBig(batch.data() + 17, Crc32c(std::string_view(batch).substr(kCrcCoversFrom)));
}

namespace {

// The bytes of the batch's records. Compressed records are decompressed into `scratch`.
Result<std::string_view> RecordBytes(std::string_view batch, const BatchHeader& header,
                                     std::uint64_t limit_bytes, std::string& scratch,
                                     Frames frames = Frames::kAny) {
  if (header.total_bytes() > batch.size()) {
    return Fail(ErrorCode::kCorruption, "record batch of {} bytes is cut short at {}",
                header.total_bytes(), batch.size());
  }
  std::string_view body = batch.substr(kBatchHeaderBytes, header.total_bytes() - kBatchHeaderBytes);
  if (header.compression() != Compression::kNone) {
    ST_TRY_STATUS(Decompress(header.compression(), body, limit_bytes, scratch, frames));
    body = scratch;
  } else if (body.size() > limit_bytes) {
    return Fail(ErrorCode::kInvalidArgument, "records of {} bytes; at most {}", body.size(),
                limit_bytes);
  }
  // A record has at least 7 bytes, so a larger count is wrong and must not reserve memory.
  constexpr std::size_t kMinRecordBytes = 7;
  if (static_cast<std::size_t>(header.record_count) > body.size() / kMinRecordBytes) {
    return Fail(ErrorCode::kCorruption, "{} records in {} bytes", header.record_count, body.size());
  }
  return body;
}

// Calls `take` with each record and its index; `next` returns the Record to fill.
template <typename Next, typename Take>
Status WalkRecords(std::string_view body, const BatchHeader& header, Next next, Take take) {
  auto headers_left = static_cast<std::int64_t>(kMaxBatchHeaders);
  ByteReader in(body);
  for (std::int32_t i = 0; i < header.record_count; ++i) {
    Record& record = next(i);
    if (!TakeRecord(in, header, headers_left, record)) {
      if (headers_left < 0) {
        return Fail(ErrorCode::kInvalidArgument, "record batch with more than {} headers",
                    kMaxBatchHeaders);
      }
      return Fail(ErrorCode::kCorruption, "record {} of {} does not decode", i,
                  header.record_count);
    }
    ST_TRY_STATUS(take(record, i));
  }
  if (!in.is_at_end()) {
    return Fail(ErrorCode::kCorruption, "{} bytes behind the last record", in.left().size());
  }
  return {};
}

}  // namespace

Status DecodeRecords(std::string_view batch, std::uint64_t limit_bytes, std::string& scratch,
                     std::vector<Record>& records) {
  ST_TRY(const BatchHeader header, ParseHeader(batch));
  ST_TRY(const auto body, RecordBytes(batch, header, limit_bytes, scratch));
  records.resize(static_cast<std::size_t>(header.record_count));
  return WalkRecords(
      body, header, [&](std::int32_t i) -> Record& { return records[static_cast<std::size_t>(i)]; },
      [](const Record&, std::int32_t) -> Status { return {}; });
}

Result<std::int64_t> CheckRecords(std::string_view batch, std::uint64_t limit_bytes,
                                  std::string& scratch) {
  ST_TRY(BatchHeader header, ParseHeader(batch));
  header.attributes &= ~kLogAppendTime;  // the records' own times are wanted, not the header's
  if (header.record_count > kMaxBatchRecords) {
    return Fail(ErrorCode::kInvalidArgument, "record batch of {} records; at most {}",
                header.record_count, kMaxBatchRecords);
  }
  ST_TRY(const auto body, RecordBytes(batch, header, limit_bytes, scratch, Frames::kOne));
  Record record;
  std::int64_t largest_ms = -1;
  ST_TRY_STATUS(WalkRecords(
      body, header, [&](std::int32_t) -> Record& { return record; },
      [&](const Record& read, std::int32_t i) -> Status {
        largest_ms = std::max(largest_ms, read.timestamp_ms);
        if (read.offset == header.base_offset + i) return {};
        return Fail(ErrorCode::kCorruption, "record {} of {} has offset delta {}", i,
                    header.record_count, read.offset - header.base_offset);
      }));
  return largest_ms;
}

Status RecordScan::Open(std::string_view batch, std::uint64_t limit_bytes) {
  taken_ = 0;
  left_ = {};
  ST_TRY(header_, ParseHeader(batch));
  last_offset_ = header_.base_offset - 1;
  headers_left_ = static_cast<std::int64_t>(kMaxBatchHeaders);
  ST_TRY(left_, RecordBytes(batch, header_, limit_bytes, scratch_));
  return {};
}

Result<bool> RecordScan::Next(Record& record) {
  if (taken_ == header_.record_count) return false;
  ByteReader in(left_);
  if (!TakeRecord(in, header_, headers_left_, record) || record.offset <= last_offset_) {
    const std::int32_t at = std::exchange(taken_, header_.record_count);
    if (headers_left_ < 0) {
      return Fail(ErrorCode::kInvalidArgument, "record batch with more than {} headers",
                  kMaxBatchHeaders);
    }
    return Fail(ErrorCode::kCorruption, "record {} of {} does not decode", at,
                header_.record_count);
  }
  left_ = in.left();
  last_offset_ = record.offset;
  if (++taken_ == header_.record_count && !left_.empty()) {
    return Fail(ErrorCode::kCorruption, "{} bytes behind the last record", left_.size());
  }
  return true;
}

Result<std::int64_t> ForEachRecord(std::string_view batches, std::uint64_t limit_bytes,
                                   const std::function<Status(const Record&)>& take) {
  RecordScan scan;
  Record record;
  std::int64_t end = -1;
  while (!batches.empty()) {
    ST_TRY(const auto header, ParseHeader(batches));
    ST_TRY_STATUS(scan.Open(batches.substr(0, header.total_bytes()), limit_bytes));
    batches.remove_prefix(header.total_bytes());
    while (true) {
      ST_TRY(const bool is_there, scan.Next(record));
      if (!is_there) break;
      ST_TRY_STATUS(take(record));
    }
    end = header.base_offset + header.last_offset_delta + 1;
  }
  return end;
}

std::string BuildBatch(const std::vector<NewRecord>& records, const BatchProducer& producer) {
  std::int64_t max_time = records.front().timestamp_ms;
  const std::int64_t base_time = records.front().timestamp_ms;
  std::size_t estimate = kBatchHeaderBytes;
  for (const auto& record : records) {
    estimate += record.value.size() + 32 + (record.key ? record.key->size() : 0);
  }
  std::string out;
  out.reserve(estimate);
  out.resize(kBatchHeaderBytes, '\0');
  std::int64_t index = 0;
  for (const auto& record : records) {
    max_time = std::max(max_time, record.timestamp_ms);
    AppendRecord(out, record, record.timestamp_ms - base_time, index++);
  }
  const auto count = static_cast<std::int32_t>(records.size());
  StoreBig(out.data() + 8, static_cast<std::int32_t>(out.size() - 12));
  out[16] = 2;
  StoreBig(out.data() + 23, count - 1);
  StoreBig(out.data() + 27, base_time);
  StoreBig(out.data() + 35, max_time);
  StoreBig(out.data() + 43, producer.id);
  StoreBig(out.data() + 51, producer.epoch);
  StoreBig(out.data() + 53, producer.sequence);
  StoreBig(out.data() + 57, count);
  StoreBig(out.data() + 17, Crc32c(std::string_view(out).substr(kCrcCoversFrom)));
  return out;
}

}  // namespace st::record
