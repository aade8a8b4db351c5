// The errors of Trino that this server or its clients meet.
//
// Threads: pure function.
#pragma once

#include <string_view>

namespace st::statement {

// Number and type ("USER_ERROR", "INTERNAL_ERROR", "INSUFFICIENT_RESOURCES") of an error name;
// GENERIC_INTERNAL_ERROR's for a name that is not known.
struct ErrorKind {
  int code = 0;
  std::string_view type;
};
ErrorKind KindOf(std::string_view error_name);

}  // namespace st::statement
