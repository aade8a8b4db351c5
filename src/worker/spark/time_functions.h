// The functions of dates and times (spark_values/time.h, time_format.h).
#pragma once

#include <vector>

#include "sql/scalar_function.h"

namespace st::worker::spark {

std::vector<sql::ScalarFunction> TimeFunctions();

}  // namespace st::worker::spark
