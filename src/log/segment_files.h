// The files of one segment.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "os/file_system.h"

namespace st::log {

// Removes the index of a segment, then the segment; no error where they are gone. Durable once the
// folder is synced.
Status RemoveSegmentFiles(os::FileSystem& fs, const std::string& dir, std::uint64_t sequence);

}  // namespace st::log
