// Values that C++'s own types do not tell apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace st::spark_values {

// A BINARY that is read, and one that is made.
struct Bytes {
  std::string_view bytes;
};
struct Binary {
  std::string bytes;
};
struct Date {
  std::int32_t days = 0;  // since 1970-01-01
  friend auto operator<=>(const Date&, const Date&) = default;
};
struct Timestamp {
  std::int64_t micros = 0;  // since 1970-01-01 00:00:00 UTC
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

}  // namespace st::spark_values
