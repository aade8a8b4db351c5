// The sources of a job: where its records come from, and which of them it reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/record_range.h"

namespace st::jobs {

// The records that a job reads of a log. On our own log a range is one interval of the total order,
// and the offsets of each partition follow from it: what is read is then a prefix of the order,
// wherever batches are cut. On a log without a total order it is the offsets alone.
struct SourceRange {
  std::optional<LsnRange> lsns;
  OffsetRanges offsets;  // of each partition that has records in the range
};

// A topic of a source, with the name that st_source() shows.
struct SourceTopic {
  TopicId id;
  std::string name;
};

// Batches in the segments of our own log, which the worker reads itself.
//
// The worker gives the records of `range.offsets` in the order of the extents, which is that of
// their lsns. An entry outside of `range.lsns`, of another partition, or out of order is damage.
struct LogSegments {
  struct Extent {
    std::uint32_t file = 0;      // index in `files`
    std::uint64_t position = 0;  // of the entry
    std::uint32_t length = 0;    // of the whole entry
  };
  SourceRange range;  // with lsns
  std::vector<SourceTopic> topics;
  std::vector<std::string> files;  // absolute paths of segments
  std::vector<Extent> extents;
};

// One alternative a kind of source. A job reads its sources one after the other.
using Source = std::variant<LogSegments>;

}  // namespace st::jobs
