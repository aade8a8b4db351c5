// Chooses the files of a rewrite whose row groups are copied as they are. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "worker/rewrite/limits.h"

namespace st::worker::rewrite {

struct InputFile {
  std::int64_t rows = 0;
  std::int64_t row_groups = 0;
  bool is_alike = false;  // the file is as one that would be written now, but for its rows
};

// Files that follow each other: from `first` to before `end`.
struct Part {
  std::size_t first = 0;
  std::size_t end = 0;
  bool is_copied = false;  // else its rows are read, and written into new row groups
  friend bool operator==(const Part&, const Part&) = default;
};

// Copying costs a small part of what writing rows again does, but leaves row groups as small as
// they are. So a file is copied if its row groups have kMinCopiedRows rows on the average. Rows of
// other files become row groups together with a neighbour that could be copied, unless they are
// enough for a row group themselves. So the result can be copied in its turn.
std::vector<Part> PartsOf(const std::vector<InputFile>& files);

}  // namespace st::worker::rewrite
