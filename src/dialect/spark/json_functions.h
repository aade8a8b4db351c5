// Functions that read and write JSON. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> JsonFunctions();

}  // namespace st::dialect::spark
