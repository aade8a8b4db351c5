// One entry of the commit log: a fixed header and a payload, protected by one CRC-32C.
//
// Pure.
// Format: docs/formats/commit_log.md, "Entry".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace st::log {

enum class EntryType : std::uint8_t {
  kBatch = 1,       // payload: one Kafka v2 record batch
  kEpoch = 2,       // payload empty: the log was opened; written and synced before anything else
  kTopic = 3,       // payload: name; topic id and partition count are in the header
  kProducerId = 4,  // payload empty: base_offset is a producer id that was given out
  // Payload: a part of the log's state when the segment was begun; `partition` counts the parts
  // from 0, `records` is how many there are (0, of earlier versions: one).
  kCheckpoint = 5,
};

inline constexpr std::uint32_t kEntryMagic = 0x314C5453;  // "STL1"
inline constexpr std::size_t kEntryHeaderBytes = 80;
inline constexpr std::size_t kEntryAlignment = 8;
inline constexpr std::uint32_t kMaxEntryBytes = 64U << 20;
// Earlier versions wrote a checkpoint as one entry, whatever its size: at most about 100 MB.
inline constexpr std::uint32_t kMaxCheckpointEntryBytes = 128U << 20;

// The server made the batch; no client can set this flag.
inline constexpr std::uint8_t kFromServer = 1;

struct EntryHeader {
  EntryType type = EntryType::kBatch;
  std::uint8_t flags = 0;    // kFromServer
  std::uint32_t length = 0;  // header and payload, without the padding to kEntryAlignment
  std::uint64_t epoch = 0;   // number of the log's opening that wrote it, from 1
  Lsn lsn;                   // rises by one an entry, over all segments
  Lsn durable;               // every entry below was synced before this one was written
  TopicId topic;
  std::int32_t partition = 0;  // kTopic: number of partitions
  std::int32_t records = 0;
  std::int64_t base_offset = 0;
  std::int64_t append_time_us = 0;
  std::uint32_t crc = 0;  // set by encoding and decoding

  std::uint64_t padded_length() const {
    return (length + kEntryAlignment - 1) / kEntryAlignment * kEntryAlignment;
  }
};

// Appends the encoded header for `payload` to `out`; sets header.length and header.crc.
void EncodeEntryHeader(EntryHeader& header, std::string_view payload, std::string& out);

// Decodes the header at the front of `bytes`; checks lengths and type, not the CRC.
// kInvalidArgument: fewer than kEntryHeaderBytes, or no entry here.
Result<EntryHeader> DecodeEntryHeader(std::string_view bytes);

// Decodes the entry at the front of `bytes` and checks its CRC over header and payload.
// kInvalidArgument: no entry, or it is cut short; kCorruption: the CRC differs (both are named).
Result<EntryHeader> DecodeEntry(std::string_view bytes, std::string_view& payload);

}  // namespace st::log
