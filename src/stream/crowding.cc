#include "stream/crowding.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/limits.h"

namespace st::stream {

std::int64_t SmallFilesAtLeast(const lake::FileTotals& files) {
  // Were all the others just as large as a file that upkeep leaves alone.
  return std::max<std::int64_t>(files.files - files.bytes / kUpkeptFileBytes, 0);
}

std::int64_t CrowdedDelayUs(const lake::FileTotals& files) {
  const auto small = SmallFilesAtLeast(files);
  return small < kCrowdedFiles ? 0 : kCrowdedDelayUs * small / kCrowdedFiles;
}

std::string CrowdedReason(const lake::FileTotals& files) {
  const auto delay_us = CrowdedDelayUs(files);
  if (delay_us == 0) return "";
  return fmt::format(
      "its table has {} small files, so it commits every {:.1f} s at most until upkeep has put "
      "them "
      "together",
      SmallFilesAtLeast(files), static_cast<double>(delay_us) / 1e6);
}

}  // namespace st::stream
