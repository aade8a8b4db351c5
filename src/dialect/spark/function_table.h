// The functions that Spark SQL may call here, by name. What is not in the table does not exist.
// Pure.
//
// Errors: kInvalidArgument with the place: an unknown function with the nearest name, a wrong
// number
//         or type of arguments, and what is refused on purpose (clocks, aggregates).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/spark/functions.h"

namespace st::dialect::spark {

Result<Expression> TranslateCall(Call& call);
// All of them, in the order of the alphabet.
std::vector<std::string> FunctionNames();

// Clock, random and session functions are refused (I12).
bool IsClockFunction(std::string_view name);
std::string ClockMessage(std::string_view name);

}  // namespace st::dialect::spark
