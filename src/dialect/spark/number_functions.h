// Functions of numbers. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> NumberFunctions();

}  // namespace st::dialect::spark
