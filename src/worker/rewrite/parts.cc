#include "worker/rewrite/parts.h"

#include <utility>

namespace st::worker::rewrite {
namespace {

bool IsCopied(const InputFile& file) {
  return file.is_alike && file.row_groups > 0 && file.rows >= file.row_groups * kMinCopiedRows;
}

std::int64_t RowsOf(const std::vector<InputFile>& files, const Part& part) {
  std::int64_t rows = 0;
  for (auto i = part.first; i < part.end; ++i) rows += files[i].rows;
  return rows;
}

}  // namespace

std::vector<Part> PartsOf(const std::vector<InputFile>& files) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Part part{.first = i, .end = i + 1, .is_copied = IsCopied(files[i])};
    // Rows that are written again go on in the part before; so do they as long as that part has too
    // few of them, whatever the file is.
    const bool joins = !parts.empty() && !parts.back().is_copied &&
                       (!part.is_copied || RowsOf(files, parts.back()) < kMinCopiedRows);
    if (joins) {
      parts.back().end = part.end;
    } else {
      parts.push_back(part);
    }
  }
  // Too few rows at the end take the file before them along.
  const bool is_short =
      parts.size() > 1 && !parts.back().is_copied && RowsOf(files, parts.back()) < kMinCopiedRows;
  if (is_short) {
    const auto end = parts.back().end;
    parts.pop_back();
    parts.back().end = end;
    parts.back().is_copied = false;
    // The file taken along may follow others that are written again.
    if (parts.size() > 1 && !parts[parts.size() - 2].is_copied) {
      parts.pop_back();
      parts.back().end = end;
    }
  }
  return parts;
}

}  // namespace st::worker::rewrite
