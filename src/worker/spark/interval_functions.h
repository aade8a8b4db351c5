// The functions of intervals (spark_values/time.h, time_format.h).
#pragma once

#include <vector>

#include "sql/scalar_function.h"

namespace st::worker::spark {

std::vector<sql::ScalarFunction> IntervalFunctions();

}  // namespace st::worker::spark
