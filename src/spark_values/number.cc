#include "spark_values/number.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "spark_values/number_text.h"

namespace st::spark_values {
namespace {

std::unexpected<Error> Overflow() {
  return Fail(ErrorCode::kInvalidArgument, "[ARITHMETIC_OVERFLOW] the rounded number does not fit");
}

// Rounds the digits of the shortest text of `value`.
double RoundDigits(double value, std::int32_t places, bool to_even) {
  if (!std::isfinite(value) || value == 0) return value == 0 ? 0 : value;
  char buffer[64];
  const double size = std::fabs(value);
  const auto end =
      std::to_chars(std::begin(buffer), std::end(buffer), size, std::chars_format::scientific);
  const std::string text(buffer, end.ptr);
  const std::size_t mark = text.find('e');
  const int exponent = std::atoi(text.c_str() + mark + 1);
  std::string digits;
  for (const char c : text.substr(0, mark)) {
    if (c != '.') digits += c;
  }
  const std::int64_t kept = std::int64_t{exponent} + 1 + places;  // digits in front of the cut
  if (kept >= static_cast<std::int64_t>(digits.size())) return value;
  if (kept < 0) return 0;
  const auto cut = static_cast<std::size_t>(kept);
  const char next = digits[cut];
  const bool is_half = next == '5' && cut + 1 == digits.size();
  const bool is_odd = cut > 0 && (digits[cut - 1] - '0') % 2 == 1;
  const bool rounds_up = next > '5' || (next == '5' && (!is_half || !to_even || is_odd));
  std::string whole = "0" + digits.substr(0, cut);
  if (rounds_up) {
    std::size_t i = whole.size();
    while (whole[--i] == '9') whole[i] = '0';
    ++whole[i];
  }
  const std::string rounded = fmt::format("{}e{}", whole, -places);
  const double result = std::strtod(rounded.c_str(), nullptr);
  if (result == 0) return 0;
  return value < 0 ? -result : result;
}

template <typename T>
Result<T> RoundWhole(T value, std::int32_t places, bool to_even) {
  if (places >= 0) return value;
  if (places < -19) return T{0};
  __int128 unit = 1;
  for (std::int32_t i = 0; i < -places; ++i) unit *= 10;
  const __int128 number = value;
  __int128 whole = number / unit;
  const __int128 rest = number % unit;
  const __int128 twice = (rest < 0 ? -rest : rest) * 2;
  if (twice > unit || (twice == unit && (!to_even || whole % 2 != 0))) whole += number < 0 ? -1 : 1;
  const __int128 rounded = whole * unit;
  if (rounded < std::numeric_limits<T>::min() || rounded > std::numeric_limits<T>::max()) {
    return Overflow();
  }
  return static_cast<T>(rounded);
}

std::int64_t Saturated(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
  if (value < -0x1p63) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

template <typename T, bool (*kOverflows)(T, T, T*)>
std::optional<T> Checked(T a, T b) {
  T result{};
  return kOverflows(a, b, &result) ? std::nullopt : std::optional(result);
}

template <typename T>
bool AddOverflows(T a, T b, T* to) {
  return __builtin_add_overflow(a, b, to);
}
template <typename T>
bool SubtractOverflows(T a, T b, T* to) {
  return __builtin_sub_overflow(a, b, to);
}
template <typename T>
bool MultiplyOverflows(T a, T b, T* to) {
  return __builtin_mul_overflow(a, b, to);
}

}  // namespace

double Round(double value, std::int32_t places) { return RoundDigits(value, places, false); }
double RoundEven(double value, std::int32_t places) { return RoundDigits(value, places, true); }
Result<std::int64_t> RoundLong(std::int64_t value, std::int32_t places) {
  return RoundWhole(value, places, false);
}
Result<std::int64_t> RoundEvenLong(std::int64_t value, std::int32_t places) {
  return RoundWhole(value, places, true);
}
Result<std::int32_t> RoundInt(std::int32_t value, std::int32_t places) {
  return RoundWhole(value, places, false);
}
Result<std::int32_t> RoundEvenInt(std::int32_t value, std::int32_t places) {
  return RoundWhole(value, places, true);
}

std::int64_t CeilLong(double value) { return Saturated(std::ceil(value)); }
std::int64_t FloorLong(double value) { return Saturated(std::floor(value)); }

std::optional<std::int64_t> DoubleToLong(double value) {
  // Spark compares with the doubles nearest to the ends, which are -2^63 and 2^63.
  if (!(std::floor(value) <= 0x1p63 && std::ceil(value) >= -0x1p63)) return std::nullopt;
  return Saturated(value);
}
std::optional<std::int32_t> DoubleToInt(double value) {
  if (!(std::floor(value) <= 2147483647.0 && std::ceil(value) >= -2147483648.0)) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(value);
}

std::optional<std::int64_t> Factorial(std::int32_t value) {
  if (value < 0 || value > 20) return std::nullopt;
  std::int64_t out = 1;
  for (std::int32_t i = 2; i <= value; ++i) out *= i;
  return out;
}

std::optional<std::int64_t> WidthBucket(double value, double low, double high, std::int64_t count) {
  if (count <= 0 || count == std::numeric_limits<std::int64_t>::max() || std::isnan(value) ||
      low == high || !std::isfinite(low) || !std::isfinite(high)) {
    return std::nullopt;
  }
  const double lower = std::min(low, high);
  const double upper = std::max(low, high);
  const auto parts = static_cast<double>(count);
  if (low < high) {
    if (value < lower) return 0;
    if (value >= upper) return count + 1;
    return static_cast<std::int64_t>(parts * (value - lower) / (upper - lower)) + 1;
  }
  if (value > upper) return 0;
  if (value <= lower) return count + 1;
  return static_cast<std::int64_t>(parts * (upper - value) / (upper - lower)) + 1;
}

std::int32_t ShiftLeftInt(std::int32_t value, std::int32_t bits) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << (bits & 31));
}
std::int64_t ShiftLeftLong(std::int64_t value, std::int32_t bits) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << (bits & 63));
}
std::int32_t ShiftRightInt(std::int32_t value, std::int32_t bits) { return value >> (bits & 31); }
std::int64_t ShiftRightLong(std::int64_t value, std::int32_t bits) { return value >> (bits & 63); }
std::int32_t ShiftRightUnsignedInt(std::int32_t value, std::int32_t bits) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value) >> (bits & 31));
}
std::int64_t ShiftRightUnsignedLong(std::int64_t value, std::int32_t bits) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) >> (bits & 63));
}
std::int64_t BitmapBitPosition(std::int64_t value) {
  constexpr std::int64_t kBits = 32'768;
  return value > 0 ? (value - 1) % kBits : -(value % kBits);
}

std::int64_t BitmapBucketNumber(std::int64_t value) {
  constexpr std::int64_t kBits = 32'768;
  return value > 0 ? 1 + (value - 1) / kBits : value / kBits;
}

std::int32_t BitCount(std::int64_t value) {
  return std::popcount(static_cast<std::uint64_t>(value));
}

std::optional<std::int32_t> TryAddInt(std::int32_t a, std::int32_t b) {
  return Checked<std::int32_t, AddOverflows>(a, b);
}
std::optional<std::int64_t> TryAddLong(std::int64_t a, std::int64_t b) {
  return Checked<std::int64_t, AddOverflows>(a, b);
}
std::optional<std::int32_t> TrySubtractInt(std::int32_t a, std::int32_t b) {
  return Checked<std::int32_t, SubtractOverflows>(a, b);
}
std::optional<std::int64_t> TrySubtractLong(std::int64_t a, std::int64_t b) {
  return Checked<std::int64_t, SubtractOverflows>(a, b);
}
std::optional<std::int32_t> TryMultiplyInt(std::int32_t a, std::int32_t b) {
  return Checked<std::int32_t, MultiplyOverflows>(a, b);
}
std::optional<std::int64_t> TryMultiplyLong(std::int64_t a, std::int64_t b) {
  return Checked<std::int64_t, MultiplyOverflows>(a, b);
}

std::int64_t PositiveModLong(std::int64_t value, std::int64_t divisor) {
  if (divisor == -1) return 0;
  const std::int64_t rest = value % divisor;
  if (rest >= 0) return rest;
  const __int128 sum = __int128{rest} + divisor;
  return static_cast<std::int64_t>(sum % divisor);
}

double PositiveModDouble(double value, double divisor) {
  const double rest = std::fmod(value, divisor);
  return rest < 0 ? std::fmod(rest + divisor, divisor) : rest;
}

float PositiveModFloat(float value, float divisor) {
  const float rest = std::fmod(value, divisor);
  return rest < 0 ? std::fmod(rest + divisor, divisor) : rest;
}

std::optional<double> Ln(double value) {
  return value <= 0 ? std::nullopt : std::optional(std::log(value));
}
std::optional<double> Log10(double value) {
  return value <= 0 ? std::nullopt : std::optional(std::log10(value));
}
std::optional<double> Log2(double value) {
  return value <= 0 ? std::nullopt : std::optional(std::log(value) / std::log(2.0));
}
std::optional<double> Log1p(double value) {
  return value <= -1 ? std::nullopt : std::optional(std::log1p(value));
}
std::optional<double> Log(double base, double value) {
  if (base <= 0 || value <= 0) return std::nullopt;
  return std::log(value) / std::log(base);
}
double Signum(double value) {
  if (value == 0 || std::isnan(value)) return value;
  return value > 0 ? 1 : -1;
}
double Rint(double value) { return std::nearbyint(value); }

double Exp(double value) {
  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  constexpr double kInverseLn2 = 1.44269504088896338700e+00;
  constexpr double kHalfLn2 = 0x1.62e43p-2;
  constexpr double kOneAndHalfLn2 = 0x1.0a2b2p+0;
  if (std::isnan(value)) return value;
  if (value > 7.09782712893383973096e+02) return HUGE_VAL;
  if (value < -7.45133219101941108420e+02) return 0;
  double high = 0;
  double low = 0;
  double x = value;
  int power = 0;
  if (std::fabs(value) >= kHalfLn2) {
    if (std::fabs(value) < kOneAndHalfLn2) {
      power = value < 0 ? -1 : 1;
      high = value - power * kLn2High;
      low = power * kLn2Low;
    } else {
      power = static_cast<int>(kInverseLn2 * value + (value < 0 ? -0.5 : 0.5));
      high = value - power * kLn2High;
      low = power * kLn2Low;
    }
    x = high - low;
  } else if (std::fabs(value) < 0x1p-28) {
    return 1 + value;
  }
  const double t = x * x;
  const double c =
      x - t * (1.66666666666666019037e-01 +
               t * (-2.77777777770155933842e-03 +
                    t * (6.61375632143793436117e-05 +
                         t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
  if (power == 0) return 1 - (x * c / (c - 2) - x);
  const double y = 1 - ((low - x * c / (2 - c)) - high);
  return std::ldexp(y, power);
}

double Cbrt(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double x = std::fabs(value);
  constexpr std::uint32_t kNormal = 715094163;
  constexpr std::uint32_t kSubnormal = 696219795;
  const auto high = [](double of) {
    return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(of) >> 32);
  };
  const auto from_high = [](std::uint32_t bits) {
    return std::bit_cast<double>(std::uint64_t{bits} << 32);
  };
  const bool is_normal = x >= 0x1p-1022;
  double t =
      is_normal ? from_high(high(x) / 3 + kNormal) : from_high(high(x * 0x1p54) / 3 + kSubnormal);
  // The root to 23 bits, cut to 20 and made a little too large, and one step of Newton's method.
  const double r = t * t / x;
  const double s = 0x1.15f15f15f15f1p-1 + r * t;
  t *= 0x1.6db6db6db6db7p-2 +
       0x1.9b6db6db6db6ep0 / (s + 0x1.6a0ea0ea0ea0fp0 + -0x1.691de2532c834p-1 / s);
  t = from_high(high(t) + 1);
  const double step = x / (t * t);
  t += t * ((step - t) / (t + t + step));
  return value < 0 ? -t : t;
}

}  // namespace st::spark_values
