// Slows the commits of a pipeline whose table has more small files than upkeep puts together: each
// commit adds one, and every reader opens them all. Pure.
//
// Limits: kCrowdedFiles, kCrowdedDelayUs.
#pragma once

#include <cstdint>
#include <string>

#include "lake/file_list.h"

namespace st::stream {

// At least so many of the files are smaller than upkeep leaves them.
std::int64_t SmallFilesAtLeast(const lake::FileTotals& files);

// The least time between two steps that leave the table with these files; 0: it is not crowded.
std::int64_t CrowdedDelayUs(const lake::FileTotals& files);

// Why commits wait, for a person; "": they do not.
std::string CrowdedReason(const lake::FileTotals& files);

}  // namespace st::stream
