// + - * / of dates, times and intervals by Spark's rules. Pure.
//
// Errors: kInvalidArgument without a place.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"

namespace st::dialect::spark {

// nullopt: neither value is a date, a time or an interval.
// Requires: there are two values.
Result<std::optional<Expression>> TimeArithmetic(std::string_view op,
                                                 const std::vector<Expression>& values);
// -interval.
Result<Expression> NegatedInterval(const Expression& interval);

}  // namespace st::dialect::spark
