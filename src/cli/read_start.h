// Where a reader of a topic begins in each partition, in kcat's words.
//
// Threads: pure functions.
// Units:   offsets count records; times are milliseconds since the epoch, UTC.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace st::cli {

struct ReadStart {
  enum class Kind {
    kBeginning,  // the first record
    kEnd,        // behind the last one
    kOffset,     // `value`
    kBeforeEnd,  // `value` records before the end, or the first record where there are fewer
    kTime,       // the first record at or after the time `value`, else the end
  };
  Kind kind = Kind::kBeginning;
  std::int64_t value = 0;
};

// "beginning", "end", "7" (an offset), "-7" (records before the end), "s@1700000000000" or
// "s@2026-11-30T05:40:00Z". kInvalidArgument names them all.
Result<ReadStart> ParseReadStart(const std::string& text);

// The range of offsets that a partition has, from the first one to behind the last one, and the
// offset of the start's time, if it has one.
struct PartitionOffsets {
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t at_time = 0;
};
// The offset at which to begin. kOffset is given as it is, even outside of the range.
std::int64_t StartIn(const PartitionOffsets& partition, const ReadStart& from);

}  // namespace st::cli
