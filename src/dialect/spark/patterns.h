// The small languages inside Spark's strings: JSON paths and LIKE patterns. Pure.
//
// Errors: kInvalidArgument without a place; the caller knows where the string stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace st::dialect::spark {

// Spark's path ($.a['b'][0]) as DuckDB's; nullopt where it has wildcards, which DuckDB reads
// otherwise.
Result<std::optional<std::string>> TranslateJsonPath(std::string_view path);

// Checks a LIKE pattern (escape: backslash).
Status CheckLikePattern(std::string_view pattern);

}  // namespace st::dialect::spark
