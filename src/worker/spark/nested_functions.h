// Spark's functions of structs, arrays and maps that DuckDB has not, as DuckDB's.
#pragma once

#include <vector>

#include "sql/scalar_function.h"

namespace st::worker::spark {

std::vector<sql::ScalarFunction> NestedFunctions();

}  // namespace st::worker::spark
