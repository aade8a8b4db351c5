// Limits of what one call of a function may make.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::spark_values {

inline constexpr std::size_t kMaxMadeBytes = 64 << 20;
// Elements of an array that one call of sequence() or array_repeat() may make.
inline constexpr std::int64_t kMaxMadeElements = 1'000'000;
// Elements of an array that array_sort sorts by a lambda, which is asked for each pair of them.
inline constexpr std::int64_t kMaxSortedByLambda = 1000;
// Objects and arrays in each other that from_json reads, as Jackson.
inline constexpr int kMaxJsonDepth = 1000;
// Pairs of characters that one comparison of two texts may look at: about half a second.
inline constexpr std::size_t kMaxComparedPairs = 100'000'000;

}  // namespace st::spark_values
