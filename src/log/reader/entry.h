// One entry of the commit log: a fixed header and a payload, protected by one CRC-32C.
//
// Pure.
// Format: docs/formats/commit_log.md, "Entry".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace st::log {

enum class EntryType : std::uint8_t {
  kBatch = 1,  // payload: one Kafka v2 record batch
  // The log was opened; written and synced before anything else. Payload: the version of the
  // program, as text; empty in segments of version 1 and 2.
  kEpoch = 2,
  kTopic = 3,       // payload: name; topic id and partition count are in the header
  kProducerId = 4,  // payload empty: base_offset is a producer id that was given out
  // Payload: a piece of the log's state when the segment was begun; `partition` counts the pieces
  // from 0, `records` is how many there are (0, in segments of version 1: one).
  kCheckpoint = 5,
  // Reserved: no program writes it yet, and opening refuses it. Payload: the BatchIdentity, then
  // the record batch, copied from an entry whose segment goes.
  kMovedBatch = 6,
  // Payload empty: the partition's records begin at base_offset (log/record_removal.h).
  kStart = 7,
  kHold = 8,  // payload: a hold that is set or released (log/hold.h)
  // Payload: a change of one consumer group (log/groups.h). A program that skipped it would move
  // committed offsets back, so it has not the bit kMaySkipEntry.
  kGroup = 9,
  // A topic as it is from here on, made or changed. Payload: its name and settings
  // (log/topics.h); `partition` is its number of partitions. A program that skipped it would refuse
  // the records of new partitions as damage, so it has not the bit kMaySkipEntry.
  kTopicState = 10,
  // The topic is deleted, with its records, producers and committed offsets. Payload empty. A
  // program that skipped it would show them again, so it has not the bit kMaySkipEntry.
  kTopicEnd = 11,
  // Segments leave the disk. Payload: their sequences (log/removed_segments.h). A program that
  // skipped it would miss them, so it has not the bit kMaySkipEntry.
  kSegmentsRemoved = 12,
  // Stands where a repair isolated a destroyed entry, and has its lsn; where several were destroyed
  // the first has the payload, and those of the others are empty or zeros. Payload: the records
  // that the log lost (log/lost_records.h). A program that skipped it would take the records behind
  // it for damage, so it has not the bit kMaySkipEntry.
  kLost = 13,
};

// A bit of the type. A program that does not know the type skips an entry with it and refuses the
// log for an entry without it.
inline constexpr std::uint8_t kMaySkipEntry = 0x80;
constexpr bool MaySkip(EntryType type) {
  return (static_cast<std::uint8_t>(type) & kMaySkipEntry) != 0;
}

inline constexpr std::uint32_t kEntryMagic = 0x314C5453;  // "STL1"
inline constexpr std::size_t kEntryHeaderBytes = 80;
inline constexpr std::size_t kEntryAlignment = 8;
inline constexpr std::uint32_t kMaxEntryBytes = 64U << 20;
// Segments of version 1 have a checkpoint as one entry, whatever its size: at most about 100 MB.
inline constexpr std::uint32_t kMaxCheckpointEntryBytes = 128U << 20;

// The server made the batch; no client can set this flag.
inline constexpr std::uint8_t kFromServer = 1;

// Identifies a batch wherever its entry lies: the fields of the entry that first stored it. Order
// in the log and identity are by these, never by a place in a file, so both survive a move.
struct BatchIdentity {
  std::uint64_t epoch = 0;
  Lsn lsn;
  std::int64_t append_time_us = 0;
  std::uint32_t crc = 0;  // of that entry

  friend bool operator==(const BatchIdentity&, const BatchIdentity&) = default;
};
inline constexpr std::size_t kIdentityBytes = 32;

struct EntryHeader {
  EntryType type = EntryType::kBatch;
  std::uint8_t flags = 0;    // kFromServer
  std::uint32_t length = 0;  // header and payload, without the padding to kEntryAlignment
  std::uint64_t epoch = 0;   // number of the log's opening that wrote it, from 1
  Lsn lsn;                   // rises by one an entry, over all segments
  Lsn durable;               // every entry below was synced before this one was written
  TopicId topic;
  std::int32_t partition = 0;  // kTopic, kTopicState: number of partitions
  std::int32_t records = 0;
  std::int64_t base_offset = 0;
  std::int64_t append_time_us = 0;
  std::uint32_t crc = 0;  // set by encoding and decoding

  std::uint64_t padded_length() const {
    return (length + kEntryAlignment - 1) / kEntryAlignment * kEntryAlignment;
  }
};

constexpr bool HoldsBatch(EntryType type) {
  return type == EntryType::kBatch || type == EntryType::kMovedBatch;
}

// The most bytes of a segment that an entry with a payload of this size takes.
constexpr std::uint64_t EntryBound(std::uint64_t payload_bytes) {
  return payload_bytes + kEntryHeaderBytes + kEntryAlignment;
}

// Appends the encoded header for `payload` to `out`; sets header.length and header.crc.
void EncodeEntryHeader(EntryHeader& header, std::string_view payload, std::string& out);
// Appends kIdentityBytes, with which the payload of a kMovedBatch begins.
void AppendIdentity(const BatchIdentity& identity, std::string& out);

// Decodes the header at the front of `bytes`; checks the length and that there is a type, not the
// CRC. The type may be one that this program does not know.
// kInvalidArgument: fewer than kEntryHeaderBytes, or no entry here.
Result<EntryHeader> DecodeEntryHeader(std::string_view bytes);

// Decodes the entry at the front of `bytes` and checks its CRC over header and payload.
// kInvalidArgument: no entry, or it is cut short; kCorruption: the CRC differs (both are named).
Result<EntryHeader> DecodeEntry(std::string_view bytes, std::string_view& payload);

// A batch in an entry.
struct StoredBatch {
  BatchIdentity identity;
  std::string_view batch;
};
// `payload` is the entry's, or at least its first kIdentityBytes; `batch` is as long.
// Requires: HoldsBatch(header.type). kCorruption: a moved batch without its identity.
Result<StoredBatch> ReadStoredBatch(const EntryHeader& header, std::string_view payload);

}  // namespace st::log
