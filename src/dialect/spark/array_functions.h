// Functions over whole arrays. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> ArrayFunctions();

}  // namespace st::dialect::spark
