// schema_of_json: the type that Spark infers of a JSON text. Pure.
//
// Errors: kInvalidArgument: a text that is no JSON.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace st::spark_values {

// "STRUCT<a: BIGINT, b: ARRAY<DOUBLE>>", fields in the order of their names.
Result<std::string> SchemaOfJson(std::string_view text);

}  // namespace st::spark_values
