// Spark's functions of numbers, for which DuckDB has none of the same meaning. Pure.
//
// Errors: kInvalidArgument with Spark's error class.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"

namespace st::spark_values {

// To `places` behind the point, or before it where negative; halves away from zero, or to the even
// digit. The digits are those that Java writes.
double Round(double value, std::int32_t places);
double RoundEven(double value, std::int32_t places);
Result<std::int64_t> RoundLong(std::int64_t value, std::int32_t places);
Result<std::int64_t> RoundEvenLong(std::int64_t value, std::int32_t places);
Result<std::int32_t> RoundInt(std::int32_t value, std::int32_t places);
Result<std::int32_t> RoundEvenInt(std::int32_t value, std::int32_t places);

// As Java casts a double: the nearest number of the type, 0 for NaN.
std::int64_t CeilLong(double value);
std::int64_t FloorLong(double value);
// As Spark casts it: the fraction does not count. nullopt: the type has no such number.
std::optional<std::int64_t> DoubleToLong(double value);
std::optional<std::int32_t> DoubleToInt(double value);

std::optional<std::int64_t> Factorial(std::int32_t value);
// In which of `count` equal parts between `low` and `high` the value is.
std::optional<std::int64_t> WidthBucket(double value, double low, double high, std::int64_t count);

std::int32_t ShiftLeftInt(std::int32_t value, std::int32_t bits);
std::int64_t ShiftLeftLong(std::int64_t value, std::int32_t bits);
std::int32_t ShiftRightInt(std::int32_t value, std::int32_t bits);
std::int64_t ShiftRightLong(std::int64_t value, std::int32_t bits);
std::int32_t ShiftRightUnsignedInt(std::int32_t value, std::int32_t bits);
std::int64_t ShiftRightUnsignedLong(std::int64_t value, std::int32_t bits);
std::int32_t BitCount(std::int64_t value);
// Places in a bitmap of 32,768 bits, and the number of that bitmap.
std::int64_t BitmapBitPosition(std::int64_t value);
std::int64_t BitmapBucketNumber(std::int64_t value);

// nullopt on an overflow.
std::optional<std::int32_t> TryAddInt(std::int32_t a, std::int32_t b);
std::optional<std::int64_t> TryAddLong(std::int64_t a, std::int64_t b);
std::optional<std::int32_t> TrySubtractInt(std::int32_t a, std::int32_t b);
std::optional<std::int64_t> TrySubtractLong(std::int64_t a, std::int64_t b);
std::optional<std::int32_t> TryMultiplyInt(std::int32_t a, std::int32_t b);
std::optional<std::int64_t> TryMultiplyLong(std::int64_t a, std::int64_t b);

// The remainder with the sign of nothing: from 0 up to the divisor. Requires: it is not 0.
std::int64_t PositiveModLong(std::int64_t value, std::int64_t divisor);
double PositiveModDouble(double value, double divisor);
float PositiveModFloat(float value, float divisor);

// NULL where Java has no such logarithm.
std::optional<double> Ln(double value);
std::optional<double> Log10(double value);
std::optional<double> Log2(double value);
std::optional<double> Log1p(double value);
std::optional<double> Log(double base, double value);
double Signum(double value);
double Rint(double value);
// As Java's StrictMath computes them, bit by bit (fdlibm).
double Cbrt(double value);
double Exp(double value);

}  // namespace st::spark_values
