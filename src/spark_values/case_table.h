// Unicode's letters as ranges beyond ASCII, for case.cc alone. Each table is in rising order.
#pragma once

#include <cstdint>
#include <span>

namespace st::spark_values::internal {

// The characters first, first + step, … last; each becomes the one `distance` further.
struct CaseRange {
  char32_t first;
  char32_t last;
  std::uint32_t step;
  std::int32_t distance;
};
struct SetRange {
  char32_t first;
  char32_t last;
  std::uint32_t step;
};
// A character that becomes several.
struct LongCase {
  char32_t character;
  const char* text;
};

std::span<const CaseRange> ToUpperTable();
std::span<const CaseRange> ToLowerTable();
std::span<const CaseRange> ToTitleTable();  // where it is not ToUpperTable()
std::span<const LongCase> LongUpperTable();
std::span<const LongCase> LongTitleTable();
std::span<const SetRange> UpperTable();  // Unicode's category Lu
std::span<const SetRange> LowerTable();  // Ll
std::span<const SetRange> OtherCasedTable();
std::span<const SetRange> DigitsTable();     // Nd
std::span<const SetRange> IgnorableTable();  // do not part a sigma from its word; ASCII too

}  // namespace st::spark_values::internal
