// The casts of texts and doubles (spark_values/number_text.h, number.h, time_text.h).
#pragma once

#include <vector>

#include "sql/scalar_function.h"

namespace st::worker::spark {

std::vector<sql::ScalarFunction> CastFunctions();

}  // namespace st::worker::spark
