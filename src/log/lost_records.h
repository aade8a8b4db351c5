// What damage destroyed, as a repair of the log (log/repair.h) records it: an entry stands where
// entries were destroyed and says which records the log lost with them.
//
// Pure, but for LostIn.
// Errors:  kCorruption: the bytes do not decode.
// Format:  docs/formats/commit_log.md, "Lost records"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/local_log.h"
#include "log/reader/entry.h"

namespace st::log {

// The payload of an entry of type kLost.
struct LostEntry {
  // A topic, or partitions of one, that the destroyed entries made.
  struct Topic {
    TopicId id;
    std::int32_t partitions = 0;
    std::string state;  // as the payload of an entry of type kTopicState
  };
  // Offsets [from, to) whose records are destroyed.
  struct Range {
    TopicPartition tp;
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  std::vector<Topic> topics;
  std::vector<Range> ranges;  // one a partition
};

std::string EncodeLostEntry(const LostEntry& lost);
// Zeros may follow: the entry takes the room of those that were destroyed.
Result<LostEntry> DecodeLostEntry(std::string_view payload);

// Records that the log lost.
struct LostRecords {
  TopicPartition tp;
  std::int64_t from = 0;
  std::int64_t to = 0;
  Lsn lsn;                       // of the entry that says so; with `tp` it identifies the loss
  std::int64_t repaired_us = 0;  // time of the repair
  std::uint64_t segment = 0;     // sequence
};
// The ranges of one entry.
Result<std::vector<LostRecords>> LostOf(const EntryHeader& entry, std::string_view payload,
                                        std::uint64_t segment);
// "events/0 offsets 10 to 12 (3 records)" of the offsets [from, to).
std::string DescribeLost(std::string_view topic, std::int32_t partition, std::int64_t from,
                         std::int64_t to);
// Those that lie at or behind the starts of their partitions, in the order of the log. Requires:
// LocalLog::Open made the log.
std::vector<LostRecords> LostIn(const LocalLog& log);

}  // namespace st::log
