// The functions of encodings, hashes, URLs and patterns (spark_values/encoding.h, hash.h, sha2.h,
// url.h, regex.h).
#pragma once

#include <vector>

#include "sql/scalar_function.h"

namespace st::worker::spark {

std::vector<sql::ScalarFunction> EncodingFunctions();

}  // namespace st::worker::spark
