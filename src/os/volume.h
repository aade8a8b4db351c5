// The room of a file system.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace st::os {

struct VolumeBytes {
  std::uint64_t total_bytes = 0;
  std::uint64_t usable_bytes = 0;  // of a process without special rights
};

// Of the real file system that holds `path`; kNotFound, kIo. Safe from any thread.
Result<VolumeBytes> ReadVolume(const std::string& path);

}  // namespace st::os
