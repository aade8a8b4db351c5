#include "stream/crowding.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lake/partition.h"

namespace st::stream {

TableFiles FilesOf(const lake::View& view) {
  TableFiles files{.totals = view.files.totals()};
  if (!view.layout.sort.empty()) files.upkept_bytes = kUpkeptSortedFileBytes;
  const bool is_plain = view.partition_specs.size() <= 1 && view.layout.partition.empty();
  if (is_plain || CrowdedDelayUs(files) == 0) return files;
  std::set<std::string> partitions;
  for (const auto& file : view.files) partitions.insert(lake::PartitionKey(view, file));
  files.partitions = std::ssize(partitions);
  return files;
}

std::int64_t SmallFilesAtLeast(const TableFiles& files) {
  // Were all the others just as large as a file that upkeep leaves alone.
  const auto small = files.totals.files - files.totals.bytes / files.upkept_bytes;
  const auto left = (files.partitions - 1) * kFilesLeftInPartition;
  return std::max<std::int64_t>(small - left, 0);
}

std::int64_t CrowdedDelayUs(const TableFiles& files) {
  const auto small = SmallFilesAtLeast(files);
  return small < kCrowdedFiles ? 0 : kCrowdedDelayUs * small / kCrowdedFiles;
}

std::string CrowdedReason(const TableFiles& files) {
  const auto delay_us = CrowdedDelayUs(files);
  if (delay_us == 0) return "";
  return fmt::format(
      "its table has {} small files, so it commits every {:.1f} s at most until upkeep has put "
      "them "
      "together",
      SmallFilesAtLeast(files), static_cast<double>(delay_us) / 1e6);
}

}  // namespace st::stream
