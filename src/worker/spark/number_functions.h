// The functions of numbers (spark_values/number.h, number_text.h).
#pragma once

#include <vector>

#include "sql/scalar_function.h"

namespace st::worker::spark {

std::vector<sql::ScalarFunction> NumberFunctions();

}  // namespace st::worker::spark
