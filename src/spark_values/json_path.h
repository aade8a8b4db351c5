// The paths of get_json_object: $.name, ['name'], [0], [*] and .*. Pure.
//
// Errors: kInvalidArgument: a text that is no path, for which Spark answers NULL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace st::spark_values {

struct JsonStep {
  enum class Kind {
    kName,      // .name or ['name']
    kIndex,     // [0]
    kElements,  // [*]
    kNothing,   // .* or ['*'], which match nothing in Spark
  };
  Kind kind = Kind::kName;
  std::string name;
  std::int64_t index = 0;
};

Result<std::vector<JsonStep>> ParseJsonPath(std::string_view path);

}  // namespace st::spark_values
