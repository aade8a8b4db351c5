// Functions of texts and binaries that need more than a row of the table of simple functions. Pure.
#pragma once

#include <span>

#include "dialect/spark/functions.h"

namespace st::dialect::spark {

std::span<const CustomFunction> TextFunctions();

}  // namespace st::dialect::spark
