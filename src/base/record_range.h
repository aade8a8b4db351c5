// Ranges of records and of log entries, half open: the end is not in the range.
#pragma once

#include <limits>
#include <map>

#include "base/ids.h"

namespace st {

// Records of one partition.
struct OffsetRange {
  Offset from;
  Offset to{std::numeric_limits<std::int64_t>::max()};
  friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};
using OffsetRanges = std::map<TopicPartition, OffsetRange>;

// Entries of our own log, an interval of its total order.
struct LsnRange {
  Lsn from;
  Lsn to;
  friend bool operator==(const LsnRange&, const LsnRange&) = default;
};

}  // namespace st
