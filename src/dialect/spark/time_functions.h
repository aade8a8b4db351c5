// Functions of dates and times. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> TimeFunctions();

}  // namespace st::dialect::spark
