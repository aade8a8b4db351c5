// Durations on the command line.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace st::cli {

// Microseconds of "500ms", "60s", "5m", "1h" or "7d". kInvalidArgument says which of the command's
// words, `name`, has another text: a number without a unit too, since what days are meant by would
// be seconds.
Result<std::int64_t> ParseDuration(const std::string& name, const std::string& text);

}  // namespace st::cli
