// Functions that choose among their arguments, or tell about them. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> ChoiceFunctions();

}  // namespace st::dialect::spark
