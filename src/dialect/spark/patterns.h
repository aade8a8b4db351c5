// The patterns of LIKE. Pure.
//
// Errors: kInvalidArgument without a place; the caller knows where the string stands.
#pragma once

#include <string_view>

#include "base/result.h"

namespace st::dialect::spark {

// Checks a LIKE pattern (escape: backslash).
Status CheckLikePattern(std::string_view pattern);

}  // namespace st::dialect::spark
