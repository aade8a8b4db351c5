// Nested values of a statement's rows with the names of their fields, as files of JSON have them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/nested_type.h"

namespace st::jobs {

// The protocol gives a struct as a list of its values, [1,"x"]; here it becomes {"a":1,"b":"x"}, in
// whatever depth. All else stays byte by byte. `rows_json` are rows of columns of these types, as a
// worker writes them, without white space; what is no such text comes back as it is.
std::string WithFieldNames(std::string_view rows_json, const std::vector<NestedType>& columns);

}  // namespace st::jobs
