// Functions that make structs, arrays and maps, and take their parts. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> NestedFunctions();

}  // namespace st::dialect::spark
