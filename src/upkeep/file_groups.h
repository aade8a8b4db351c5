// The data files of a table that may become one: those of one partition between two tags. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "lake/view.h"
#include "upkeep/rewrite_plan.h"

namespace st::upkeep {

// Files with one partition spec and one partition, oldest first. Files of different specs stay
// apart, so a rewrite never changes the partition of a row (docs/formats/lake.md).
struct FileGroup {
  std::vector<const lake::DataFile*> files;  // of the View
  // A tagged snapshot has all their rows, so commits add no file to the group.
  bool is_tagged = false;

  std::vector<std::int64_t> sizes() const;
};

struct FileGroups {
  std::vector<FileGroup> groups;
  std::size_t partitions = 0;  // with files
};

// Files for which it is true may be rewritten; an empty function takes all.
using TakesFile = std::function<bool(const lake::DataFile&)>;

// kPartitionAndTags: rows that a tagged snapshot has and rows that it lacks are in two groups. If a
// rewrite put them into one file, the snapshot would keep the inputs on the disk until its tag
// expires (docs/decisions/0019-tags-part-the-files.md).
enum class PartedBy { kPartition, kPartitionAndTags };

// The View must outlive the result.
FileGroups GroupsOf(const lake::View& view, PartedBy parted_by, const TakesFile& takes = {});

// The bytes to which files of the table grow.
std::int64_t TargetBytes(const lake::View& view);

// Which files of a table become one; empty: none. The View must outlive the result.
using ChooseFiles = std::function<std::vector<const lake::DataFile*>(const lake::View& view,
                                                                     const TakesFile& takes)>;

// What PlanRewrite says of the groups by partition and tags; of several choices the one with the
// most files, then the fewest bytes. Then the cheapest neighbours where tagged groups have more
// than kMaxExtraFiles. Then, where the table has more than kBehindFiles small files, what
// PlanRewrite says of the groups by partition alone. Nothing where holds keep so many snapshots
// that kSnapshotsLeftByRewrites is all that is left.
std::vector<const lake::DataFile*> ChooseForUpkeep(const lake::View& view, const TakesFile& takes);

// What PlanCompaction says of the groups by partition: tags keep the inputs where they must.
std::vector<const lake::DataFile*> ChooseForCompaction(const lake::View& view,
                                                       const TakesFile& takes);

struct SmallFiles {
  std::int64_t files = 0;  // that a rewrite would make larger once there are enough
  bool is_behind = false;  // there are so many that rewrites do not keep up with commits
};
SmallFiles CountSmallFiles(const lake::View& view, const TakesFile& takes = {});

}  // namespace st::upkeep
