// & | ^ ~ of whole numbers. Pure.
//
// Errors: kInvalidArgument without a place.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"

namespace st::dialect::spark {

// A text is cast to a whole number.
Result<Expression> OfBits(std::string_view op, std::vector<Expression> values);

}  // namespace st::dialect::spark
