// Files that people's editors write: declarations, pipelines, settings.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "os/file_system.h"

namespace st::os {

inline constexpr std::uint64_t kMaxTextFileBytes = 1 << 20;

// The whole file without a byte order mark, with "\n" for each "\r\n". kInvalidArgument: it is
// UTF-16, has a NUL, or is longer than `limit_bytes`.
Result<std::string> ReadTextFile(FileSystem& fs, const std::string& path,
                                 std::uint64_t limit_bytes = kMaxTextFileBytes);
// The same for bytes in memory; `name` stands in errors.
Result<std::string> TextOfEditor(std::string bytes, const std::string& name);

}  // namespace st::os
