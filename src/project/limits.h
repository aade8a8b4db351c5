// Limits of what a project records in the log.
#pragma once

#include <cstddef>

namespace st::project {

// A batch of topic `_declarations` ends with the version that makes it this large.
inline constexpr std::size_t kMaxDeclarationsBytes = 4 << 20;

}  // namespace st::project
