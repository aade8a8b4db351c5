// Functions with a lambda among their arguments. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> LambdaFunctions();

}  // namespace st::dialect::spark
