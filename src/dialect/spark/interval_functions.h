// Functions that make intervals, and those that take them. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> IntervalFunctions();

// A call of a function that takes intervals among other values, as abs(interval); nullopt: the
// function looks at no value, as coalesce, and is made as for other types.
// Requires: an argument is an interval.
// Errors: kInvalidArgument with the place, where the function takes no interval.
Result<std::optional<Expression>> TranslateIntervalCall(Call& call);

}  // namespace st::dialect::spark
