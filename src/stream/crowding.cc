#include "stream/crowding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "lake/holds.h"
#include "lake/limits.h"
#include "lake/partition.h"

namespace st::stream {

namespace {

std::string HeldReason(const lake::TableName& table, const lake::HeldSnapshots& held,
                       std::int64_t delay_us) {
  const auto wait =
      held.kept < std::int64_t{lake::kMaxHeldSnapshots}
          ? fmt::format("it commits every {:.1f} s at most", static_cast<double>(delay_us) / 1e6)
          : std::string("it waits");
  return fmt::format("its table keeps {} snapshots for {}, so {}; {} ends the hold", held.kept,
                     lake::DescribeHold(held.hold), wait, lake::ReleaseCommand(table, held.hold));
}

}  // namespace

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

std::int64_t HeldDelayUs(const lake::HeldSnapshots& held, std::int64_t now_us) {
  const auto left_us = held.hold.until_ms * 1000 - now_us;
  if (left_us <= 0 || held.kept <= kFreelyHeldSnapshots) return 0;
  const auto room = std::int64_t{lake::kMaxHeldSnapshots} - held.kept;
  if (room <= 0) return left_us;
  const auto used =
      static_cast<double>(held.kept - kFreelyHeldSnapshots) /
      static_cast<double>(std::int64_t{lake::kMaxHeldSnapshots} - kFreelyHeldSnapshots);
  return static_cast<std::int64_t>(static_cast<double>(left_us / room) * std::pow(used, 3));
}

Slowdown SlowdownOf(const lake::View& view, std::int64_t now_us) {
  const auto files = FilesOf(view);
  Slowdown slowdown{.crowded_delay_us = CrowdedDelayUs(files), .reason = CrowdedReason(files)};
  const lake::HeldSnapshots* slowest = nullptr;
  for (const auto& held : view.holds) {
    const auto delay_us = HeldDelayUs(held, now_us);
    if (delay_us <= slowdown.held_delay_us) continue;
    slowdown.held_delay_us = delay_us;
    slowest = &held;
  }
  if (slowest == nullptr) return slowdown;
  slowdown.has_room = slowest->kept < std::int64_t{lake::kMaxHeldSnapshots};
  if (!slowdown.reason.empty()) slowdown.reason += "; ";
  slowdown.reason += HeldReason(view.name, *slowest, slowdown.held_delay_us);
  return slowdown;
}

}  // namespace st::stream
