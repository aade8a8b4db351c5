// An answer from an untrusted server must be parsed or refused.
#include <cstddef>
#include <cstdint>

#include "format/statement/query_results.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(st::statement::SplitRows(bytes).has_value());
  const auto results = st::statement::Parse(bytes);
  if (!results) return 0;
  static_cast<void>(st::statement::SplitRows(results->rows_json).has_value());
  static_cast<void>(st::statement::ToJson(*results, st::statement::Family::kPresto));
  return 0;
}
