#include "log/reader/entry.h"

#include <algorithm>

#include "base/coding.h"
#include "base/crc32c.h"

namespace st::log {
namespace {

// These are byte positions in the header.
constexpr std::size_t kMagicAt = 0;
constexpr std::size_t kLengthAt = 4;
constexpr std::size_t kCrcAt = 8;
constexpr std::size_t kTypeAt = 12;
constexpr std::size_t kFlagsAt = 13;
constexpr std::size_t kEpochAt = 16;
constexpr std::size_t kLsnAt = 24;
constexpr std::size_t kDurableAt = 32;
constexpr std::size_t kTopicAt = 40;
constexpr std::size_t kPartitionAt = 56;
constexpr std::size_t kRecordsAt = 60;
constexpr std::size_t kBaseOffsetAt = 64;
constexpr std::size_t kAppendTimeAt = 72;

// The CRC covers the whole entry except the CRC itself.
std::uint32_t EntryCrc(std::string_view header, std::string_view payload) {
  std::uint32_t crc = Crc32c(header.substr(0, kCrcAt));
  crc = Crc32c(header.substr(kTypeAt, kEntryHeaderBytes - kTypeAt), crc);
  return Crc32c(payload, crc);
}

}  // namespace

void EncodeEntryHeader(EntryHeader& header, std::string_view payload, std::string& out) {
  header.length = static_cast<std::uint32_t>(kEntryHeaderBytes + payload.size());
  char raw[kEntryHeaderBytes] = {};
  StoreLittle(raw + kMagicAt, kEntryMagic);
  StoreLittle(raw + kLengthAt, header.length);
  raw[kTypeAt] = static_cast<char>(header.type);
  raw[kFlagsAt] = static_cast<char>(header.flags);
  StoreLittle(raw + kEpochAt, header.epoch);
  StoreLittle(raw + kLsnAt, header.lsn.value());
  StoreLittle(raw + kDurableAt, header.durable.value());
  std::ranges::copy(BytesOf(header.topic), raw + kTopicAt);
  StoreLittle(raw + kPartitionAt, header.partition);
  StoreLittle(raw + kRecordsAt, header.records);
  StoreLittle(raw + kBaseOffsetAt, header.base_offset);
  StoreLittle(raw + kAppendTimeAt, header.append_time_us);
  header.crc = EntryCrc({raw, kEntryHeaderBytes}, payload);
  StoreLittle(raw + kCrcAt, header.crc);
  out.append(raw, kEntryHeaderBytes);
}

Result<EntryHeader> DecodeEntryHeader(std::string_view bytes) {
  if (bytes.size() < kEntryHeaderBytes) {
    return Fail(ErrorCode::kInvalidArgument, "{} bytes where an entry header has {}", bytes.size(),
                kEntryHeaderBytes);
  }
  const auto magic = LoadLittle<std::uint32_t>(bytes.substr(kMagicAt));
  if (magic != kEntryMagic) {
    return Fail(ErrorCode::kInvalidArgument, "magic {:#010x}, want {:#010x}", magic, kEntryMagic);
  }
  EntryHeader header;
  header.length = LoadLittle<std::uint32_t>(bytes.substr(kLengthAt));
  header.type = static_cast<EntryType>(bytes[kTypeAt]);
  if (header.type == EntryType{}) return Fail(ErrorCode::kInvalidArgument, "entry type 0");
  header.flags = static_cast<std::uint8_t>(bytes[kFlagsAt]);
  const std::uint32_t longest =
      header.type == EntryType::kCheckpoint ? kMaxCheckpointEntryBytes : kMaxEntryBytes;
  if (header.length < kEntryHeaderBytes || header.length > longest) {
    return Fail(ErrorCode::kInvalidArgument, "entry length {} outside {}..{}", header.length,
                kEntryHeaderBytes, longest);
  }
  header.crc = LoadLittle<std::uint32_t>(bytes.substr(kCrcAt));
  header.epoch = LoadLittle<std::uint64_t>(bytes.substr(kEpochAt));
  header.lsn = Lsn(LoadLittle<std::uint64_t>(bytes.substr(kLsnAt)));
  header.durable = Lsn(LoadLittle<std::uint64_t>(bytes.substr(kDurableAt)));
  header.topic = TopicId(LoadUuid(bytes.substr(kTopicAt)));
  header.partition = LoadLittle<std::int32_t>(bytes.substr(kPartitionAt));
  header.records = LoadLittle<std::int32_t>(bytes.substr(kRecordsAt));
  header.base_offset = LoadLittle<std::int64_t>(bytes.substr(kBaseOffsetAt));
  header.append_time_us = LoadLittle<std::int64_t>(bytes.substr(kAppendTimeAt));
  return header;
}

Result<EntryHeader> DecodeEntry(std::string_view bytes, std::string_view& payload) {
  ST_TRY(const EntryHeader header, DecodeEntryHeader(bytes));
  if (bytes.size() < header.length) {
    return Fail(ErrorCode::kInvalidArgument, "entry of {} bytes is cut short at {}", header.length,
                bytes.size());
  }
  payload = bytes.substr(kEntryHeaderBytes, header.length - kEntryHeaderBytes);
  const std::uint32_t computed = EntryCrc(bytes.substr(0, kEntryHeaderBytes), payload);
  if (header.crc != computed) {
    return Fail(ErrorCode::kCorruption, "crc {:#010x}, want {:#010x}", computed, header.crc);
  }
  return header;
}

void AppendIdentity(const BatchIdentity& identity, std::string& out) {
  AppendLittle(out, identity.epoch);
  AppendLittle(out, identity.lsn.value());
  AppendLittle(out, identity.append_time_us);
  AppendLittle(out, identity.crc);
  AppendLittle(out, std::uint32_t{0});
}

Result<StoredBatch> ReadStoredBatch(const EntryHeader& header, std::string_view payload) {
  if (header.type == EntryType::kBatch) {
    return StoredBatch{{header.epoch, header.lsn, header.append_time_us, header.crc}, payload};
  }
  if (payload.size() < kIdentityBytes) {
    return Fail(ErrorCode::kCorruption, "moved batch of {} bytes, its identity has {}",
                payload.size(), kIdentityBytes);
  }
  ByteReader in(payload);
  return StoredBatch{{.epoch = in.Little<std::uint64_t>(),
                      .lsn = Lsn(in.Little<std::uint64_t>()),
                      .append_time_us = in.Little<std::int64_t>(),
                      .crc = in.Little<std::uint32_t>()},
                     payload.substr(kIdentityBytes)};
}

}  // namespace st::log
