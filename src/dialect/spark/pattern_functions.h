// Functions with a regular expression, and get_json_object. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> PatternFunctions();

}  // namespace st::dialect::spark
