// Spark's functions of texts, for which DuckDB has none of the same meaning. Pure.
//
// Units:  positions and lengths count characters (code points).
// Limits: kMaxMadeBytes of what one call makes, kMaxComparedPairs.
// Errors: kInvalidArgument with Spark's error class.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace st::spark_values {

// The text to `length` characters, filled or cut at its left or right end.
Result<std::string> PadLeft(std::string_view text, std::int32_t length, std::string_view pad);
Result<std::string> PadRight(std::string_view text, std::int32_t length, std::string_view pad);
Result<std::string> Repeat(std::string_view text, std::int32_t times);
Result<std::string> Space(std::int32_t length);
std::string Reverse(std::string_view text);

// From `position`: 1 is the first character, 0 as well, -1 the last.
std::string_view Substring(std::string_view text, std::int32_t position, std::int32_t length);
std::string Overlay(std::string_view text, std::string_view replacement, std::int32_t position,
                    std::int32_t length);  // length -1: that of `replacement`
// The text before the `count`-th delimiter, or behind that from the end.
std::string_view SubstringIndex(std::string_view text, std::string_view delimiter,
                                std::int32_t count);
// Where `part` begins, from `start` on, counted from 1; 0: nowhere.
std::int32_t Locate(std::string_view part, std::string_view text, std::int32_t start);
std::int32_t FindInSet(std::string_view word, std::string_view words);

// Without Java's white space and control characters at the ends, as Spark reads numbers and times.
std::string_view TrimControls(std::string_view text);
// Without the characters of `set` at the ends.
std::string_view TrimBoth(std::string_view text, std::string_view set);
std::string_view TrimLeft(std::string_view text, std::string_view set);
std::string_view TrimRight(std::string_view text, std::string_view set);

std::string Translate(std::string_view text, std::string_view from, std::string_view to);
std::string Replace(std::string_view text, std::string_view search, std::string_view replacement);
// The characters that stand for upper-case, lower-case and decimal characters, and for others.
struct MaskCharacters {
  std::string_view upper;
  std::string_view lower;
  std::string_view digit;
  std::string_view other;  // each is one character, or empty: such characters stay
};
std::string Mask(std::string_view text, const MaskCharacters& characters);

std::int32_t Ascii(std::string_view text);  // the code point of the first character
std::string Chr(std::int64_t code);         // of Latin-1, modulo 256; "" for a negative code
Result<std::int32_t> Levenshtein(std::string_view a, std::string_view b);
// -1 where the distance is greater than `limit`.
Result<std::int32_t> LevenshteinWithin(std::string_view a, std::string_view b, std::int32_t limit);
std::string Soundex(std::string_view text);
bool PassesLuhn(std::string_view digits);
std::string Quote(
    std::string_view text);  // in single quotes, with a backslash before each of its own

}  // namespace st::spark_values
