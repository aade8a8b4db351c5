// Chooses the data files of a table that become one. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace st::upkeep {

// Neighbours in the table's list of files: from `first` to before `end`.
struct FileRun {
  std::size_t first = 0;
  std::size_t end = 0;
  friend bool operator==(const FileRun&, const FileRun&) = default;
};

// `sizes`: bytes of each file, oldest first. nullopt: the files are good as they are.
//
// A table that grows by small files is kept like a counter in which each digit is a file: small
// ones at the end become one as soon as there are kMinInputs of them, and take along the file
// before them if it is not much larger. So there are about as many files as the logarithm of the
// bytes, and one for each kTargetFileBytes.
std::optional<FileRun> PlanRewrite(const std::vector<std::int64_t>& sizes);

// What PlanRewrite would leave for later: small neighbours that fit into one file, as soon as there
// are two. Of all such runs of at most kMaxInputs files, the one with the most files. nullopt: no
// two small neighbours fit into one file.
std::optional<FileRun> PlanCompaction(const std::vector<std::int64_t>& sizes);

// Files that are smaller than upkeep leaves them.
std::size_t CountSmall(const std::vector<std::int64_t>& sizes);

}  // namespace st::upkeep
