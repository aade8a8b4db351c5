// The functions of Spark that are one function of DuckDB's or of the worker's, as a table. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/spark/functions.h"

namespace st::dialect::spark {

bool IsSimpleFunction(std::string_view name);
// nullopt: no function of that name takes so many arguments.
// Errors: kInvalidArgument with the place of an argument that the function does not take.
Result<std::optional<Expression>> TranslateSimpleCall(const Call& call);
std::vector<std::string_view> SimpleFunctionNames();

}  // namespace st::dialect::spark
