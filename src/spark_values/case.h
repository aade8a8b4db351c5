// Upper and lower case, as Spark maps it by Unicode's full rules without a language. Pure.
//
// The letters are those of Unicode 14 (case_table.py).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace st::spark_values {

std::string Upper(std::string_view text);    // "Straße" is "STRASSE"
std::string Lower(std::string_view text);    // a sigma at the end of a word is ς
std::string InitCap(std::string_view text);  // the first character of a word, which ends at a space

// Of Unicode's categories Lu, Ll and Nd.
bool IsUpperLetter(char32_t character);
bool IsLowerLetter(char32_t character);
bool IsDecimalDigit(char32_t character);
std::optional<int> DigitValue(char32_t character);  // nullopt: no decimal digit

}  // namespace st::spark_values
