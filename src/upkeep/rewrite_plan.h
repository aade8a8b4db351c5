// Chooses the data files of a table that become one. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "upkeep/limits.h"

namespace st::upkeep {

// Neighbours in the table's list of files: from `first` to before `end`.
struct FileRun {
  std::size_t first = 0;
  std::size_t end = 0;
  friend bool operator==(const FileRun&, const FileRun&) = default;
};

struct PlanOptions {
  std::int64_t target_bytes = kTargetFileBytes;  // files grow to this size
  std::size_t min_inputs = kMinInputs;           // at least 2
};

// `sizes`: bytes of each file of one group (file_groups.h), oldest first. nullopt: the files are
// good as they are.
//
// Files that commits add are kept like a counter in which each digit is a file: at least
// `min_inputs` small ones at the end become one, if their sizes are alike. So a row is rewritten
// about as often as the logarithm to the base `min_inputs` of the group's commits. Fewer become one
// where they fill a file, which is not rewritten again.
std::optional<FileRun> PlanRewrite(const std::vector<std::int64_t>& sizes,
                                   const PlanOptions& options = {});

// What PlanRewrite would leave for later: small neighbours that fit into one file, as soon as there
// are two. Of all such runs of at most kMaxInputs files, the one with the most files. nullopt: no
// two small neighbours fit into one file.
std::optional<FileRun> PlanCompaction(const std::vector<std::int64_t>& sizes,
                                      std::int64_t target_bytes = kTargetFileBytes);

// Files that are smaller than upkeep leaves them: three quarters of the target.
std::size_t CountSmall(const std::vector<std::int64_t>& sizes,
                       std::int64_t target_bytes = kTargetFileBytes);

}  // namespace st::upkeep
