// Hostile text as a type: an error, or a type whose text reads back as the same type.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/nested_type.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto type = st::ParseType({reinterpret_cast<const char*>(data), size});
  if (!type) return 0;
  static_cast<void>(st::DuckDbTypeOf(*type));
  static_cast<void>(st::TrinoTypeOf(*type));
  static_cast<void>(st::ShownType(*type));
  const auto again = st::ParseType(st::TypeText(*type));
  ST_CHECK(again && st::TypeText(*again) == st::TypeText(*type));
  return 0;
}
