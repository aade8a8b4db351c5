// Slows the commits of a pipeline whose table has more small files than upkeep puts together, since
// each commit adds one, and every reader opens them all; or whose table keeps many snapshots for a
// hold (lake/hold.h), since each commit adds one, and every version names them all. Pure.
//
// Limits: kCrowdedFiles, kCrowdedDelayUs, kFreelyHeldSnapshots, lake::kMaxHeldSnapshots.
#pragma once

#include <cstdint>
#include <string>

#include "lake/file_list.h"
#include "lake/hold.h"
#include "lake/view.h"
#include "stream/limits.h"

namespace st::stream {

struct TableFiles {
  lake::FileTotals totals;
  // Of all files. Upkeep leaves some small files in each.
  std::int64_t partitions = 1;
  std::int64_t upkept_bytes = kUpkeptFileBytes;  // upkeep leaves a larger file alone
};
// Counts the partitions only where the files are many, since that looks at each.
TableFiles FilesOf(const lake::View& view);

// At least so many of the files are smaller, or more in their partition, than upkeep leaves them.
std::int64_t SmallFilesAtLeast(const TableFiles& files);

// The least time between two steps that leave the table with these files; 0: it is not crowded.
std::int64_t CrowdedDelayUs(const TableFiles& files);

// Why commits wait, for a person; "": they do not.
std::string CrowdedReason(const TableFiles& files);

// The least time between two steps while the hold lasts; 0: it does not slow them. The more of the
// room for snapshots is used, the closer the delay comes to one that spreads the rest of the room
// over the time that the hold has left. Without any room it is all of that time.
std::int64_t HeldDelayUs(const lake::HeldSnapshots& held, std::int64_t now_us);

// What the table as it is at the time `now_us` asks of its pipeline.
struct Slowdown {
  // The least time between two steps: for small files, where no more records wait; for holds, also
  // where more do.
  std::int64_t crowded_delay_us = 0;
  std::int64_t held_delay_us = 0;
  bool has_room = true;  // false: the lake takes no commit with files before the hold ends
  std::string reason;  // for a person; it names the hold and what ends it. "": commits do not wait
};
Slowdown SlowdownOf(const lake::View& view, std::int64_t now_us);

}  // namespace st::stream
