// Numbers as texts, as Java and Spark write them, and texts as numbers, as Spark casts them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace st::spark_values {

// As Double.toString of Java 19 and later: "1.0E7", "0.001", "-0.0", "NaN".
std::string DoubleText(double value);

// As Float.toString.
std::string FloatText(float value);

// CAST of a text; nullopt where Spark has no such value. White space at the ends does not count.
std::optional<std::int32_t> IntOf(std::string_view text);
std::optional<std::int64_t> LongOf(std::string_view text);
std::optional<double> DoubleOf(std::string_view text);
std::optional<float> FloatOf(std::string_view text);
std::optional<bool> BooleanOf(std::string_view text);

// A number of digits, with a point and an exponent perhaps, without exponent, for a cast to
// DECIMAL; nullopt: no number, or one of more digits than a DECIMAL can have in front of the point.
std::optional<std::string> PlainNumberOf(std::string_view text);
// The digits that Java writes, without exponent; nullopt for what is no number.
std::optional<std::string> PlainDoubleText(double value);

// With commas between thousands and `places` digits behind the point, rounded to even; nullopt for
// less than 0 places.
std::optional<std::string> FormatNumber(double value, std::int32_t places);
std::optional<std::string> FormatWhole(std::int64_t value, std::int32_t places);

std::string Bin(std::int64_t value);  // two's complement without leading zeros
// A number of base `from` in base `to`, digits up to 36; a negative `to`: with a sign. nullopt:
// another base, or no text.
// Errors: kInvalidArgument: more than 64 bits.
Result<std::optional<std::string>> Conv(std::string_view number, std::int32_t from,
                                        std::int32_t to);

}  // namespace st::spark_values
