// Slows the commits of a pipeline whose table has more small files than upkeep puts together: each
// commit adds one, and every reader opens them all. Pure.
//
// Limits: kCrowdedFiles, kCrowdedDelayUs.
#pragma once

#include <cstdint>
#include <string>

#include "lake/file_list.h"
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

}  // namespace st::stream
