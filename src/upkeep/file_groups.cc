#include "upkeep/file_groups.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "lake/limits.h"
#include "lake/partition.h"
#include "upkeep/limits.h"

namespace st::upkeep {

namespace {

using Files = std::vector<const lake::DataFile*>;

// The number of tagged snapshots that lack rows of the file: of two files with different numbers a
// tagged snapshot has the rows of one alone.
std::size_t TagsBefore(const lake::View& view, const lake::DataFile& file) {
  const auto& tagged = view.tagged_sequence_numbers;
  const auto youngest_row = file.origin ? file.origin->sequence_number : 0;
  return static_cast<std::size_t>(std::ranges::lower_bound(tagged, youngest_row) - tagged.begin());
}

Files FilesOf(const FileGroup& group, const FileRun& run) {
  return {group.files.begin() + static_cast<std::ptrdiff_t>(run.first),
          group.files.begin() + static_cast<std::ptrdiff_t>(run.end)};
}

std::int64_t BytesOf(const Files& files) {
  std::int64_t bytes = 0;
  for (const auto* file : files) bytes += file->file_size_bytes;
  return bytes;
}

// The best of what `plan` says of each group: the most files, of these the fewest bytes.
template <typename Plan>
Files Best(const FileGroups& groups, const Plan& plan) {
  Files best;
  std::tuple<std::size_t, std::int64_t> best_rank;
  for (const auto& group : groups.groups) {
    const std::optional<FileRun> run = plan(group);
    if (!run) continue;
    auto files = FilesOf(group, *run);
    const std::tuple rank(files.size(), -BytesOf(files));
    if (!best.empty() && rank <= best_rank) continue;
    best = std::move(files);
    best_rank = rank;
  }
  return best;
}

Files BestRewrite(const FileGroups& groups, std::int64_t target_bytes) {
  return Best(groups, [target_bytes](const FileGroup& group) {
    return PlanRewrite(group.sizes(),
                       {.target_bytes = target_bytes,
                        .min_inputs = group.is_tagged ? kMinTaggedInputs : kMinInputs});
  });
}

// The two small neighbours with the fewest bytes of all groups that are tagged.
Files CheapestTagged(const FileGroups& groups, std::int64_t target_bytes) {
  Files cheapest;
  for (const auto& group : groups.groups) {
    if (!group.is_tagged) continue;
    const auto sizes = group.sizes();
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
      const std::vector<std::int64_t> two = {sizes[i], sizes[i + 1]};
      if (CountSmall(two, target_bytes) < 2 || two[0] + two[1] > target_bytes) continue;
      if (!cheapest.empty() && two[0] + two[1] >= BytesOf(cheapest)) continue;
      cheapest = FilesOf(group, {.first = i, .end = i + 2});
    }
  }
  return cheapest;
}

// Small files beside one in each group that is tagged.
std::size_t CountExtra(const FileGroups& groups, std::int64_t target_bytes) {
  std::size_t extra = 0;
  for (const auto& group : groups.groups) {
    if (!group.is_tagged) continue;
    extra += std::max<std::size_t>(CountSmall(group.sizes(), target_bytes), 1) - 1;
  }
  return extra;
}

// Whether holds leave room for the snapshot of a rewrite.
bool HasRoom(const lake::View& view) {
  constexpr auto kMost = std::int64_t{lake::kMaxHeldSnapshots} - kSnapshotsLeftByRewrites;
  return std::ranges::none_of(view.holds,
                              [](const lake::HeldSnapshots& held) { return held.kept > kMost; });
}

// Small files that have others in their group. The only one of a table counts, too.
std::int64_t CountSmallOf(const FileGroups& groups, std::int64_t target_bytes) {
  std::int64_t small = 0;
  for (const auto& group : groups.groups) {
    const auto count = CountSmall(group.sizes(), target_bytes);
    if (count > 1 || groups.groups.size() == 1) small += static_cast<std::int64_t>(count);
  }
  return small;
}

}  // namespace

std::vector<std::int64_t> FileGroup::sizes() const {
  std::vector<std::int64_t> sizes;
  sizes.reserve(files.size());
  for (const auto* file : files) sizes.push_back(file->file_size_bytes);
  return sizes;
}

FileGroups GroupsOf(const lake::View& view, PartedBy parted_by, const TakesFile& takes) {
  FileGroups groups;
  // A table that never had partitions needs no keys.
  const bool is_plain = view.partition_specs.size() <= 1 && view.layout.partition.empty();
  std::set<std::string> partitions;
  std::map<std::pair<std::string, std::size_t>, std::size_t> numbers;
  for (const auto& file : view.files) {
    if (takes && !takes(file)) continue;
    auto partition = is_plain ? std::string() : lake::PartitionKey(view, file);
    const auto tags = parted_by == PartedBy::kPartition ? 0 : TagsBefore(view, file);
    partitions.insert(partition);
    const auto [number, is_new] =
        numbers.try_emplace({std::move(partition), tags}, groups.groups.size());
    if (is_new) {
      const bool is_tagged =
          parted_by == PartedBy::kPartitionAndTags && tags < view.tagged_sequence_numbers.size();
      groups.groups.push_back({.files = {}, .is_tagged = is_tagged});
    }
    groups.groups[number->second].files.push_back(&file);
  }
  groups.partitions = partitions.size();
  return groups;
}

std::int64_t TargetBytes(const lake::View& view) {
  return view.layout.sort.empty() ? kTargetFileBytes : kSortedFileBytes;
}

std::vector<const lake::DataFile*> ChooseForUpkeep(const lake::View& view, const TakesFile& takes) {
  if (!HasRoom(view)) return {};
  const auto target_bytes = TargetBytes(view);
  const auto groups = GroupsOf(view, PartedBy::kPartitionAndTags, takes);
  auto files = BestRewrite(groups, target_bytes);
  if (!files.empty()) return files;
  if (CountExtra(groups, target_bytes) > kMaxExtraFiles * groups.partitions) {
    files = CheapestTagged(groups, target_bytes);
    if (!files.empty()) return files;
  }
  std::size_t small = 0;
  for (const auto& group : groups.groups) small += CountSmall(group.sizes(), target_bytes);
  if (small <= kBehindFiles) return {};
  return BestRewrite(GroupsOf(view, PartedBy::kPartition, takes), target_bytes);
}

std::vector<const lake::DataFile*> ChooseForCompaction(const lake::View& view,
                                                       const TakesFile& takes) {
  return Best(GroupsOf(view, PartedBy::kPartition, takes),
              [target_bytes = TargetBytes(view)](const FileGroup& group) {
                return PlanCompaction(group.sizes(), target_bytes);
              });
}

SmallFiles CountSmallFiles(const lake::View& view, const TakesFile& takes) {
  const auto groups = GroupsOf(view, PartedBy::kPartitionAndTags, takes);
  SmallFiles small{.files = CountSmallOf(groups, TargetBytes(view))};
  const auto waiting = (std::max<std::size_t>(groups.partitions, 1) - 1) * 2 * kMinInputs;
  small.is_behind = small.files > static_cast<std::int64_t>(kBehindFiles + waiting);
  return small;
}

}  // namespace st::upkeep
