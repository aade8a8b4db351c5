#include "log/segment_files.h"

#include "log/reader/segment.h"

namespace st::log {

Status RemoveSegmentFiles(os::FileSystem& fs, const std::string& dir, std::uint64_t sequence) {
  for (const auto& name : {IndexName(sequence), SegmentName(sequence)}) {
    const auto removed = fs.Remove(os::JoinPath(dir, name));
    if (!removed && removed.error().code() != ErrorCode::kNotFound) return removed;
  }
  return {};
}

}  // namespace st::log
