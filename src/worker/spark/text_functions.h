// The functions of texts and binaries (spark_values/text.h, case.h).
#pragma once

#include <vector>

#include "sql/scalar_function.h"

namespace st::worker::spark {

std::vector<sql::ScalarFunction> TextFunctions();

}  // namespace st::worker::spark
