#include "worker/spark/number_functions.h"

#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "spark_values/number.h"
#include "spark_values/number_text.h"
#include "worker/spark/adapt.h"

namespace st::worker::spark {
namespace {

namespace values = spark_values;
using std::int32_t;
using std::int64_t;

double Sqrt(double x) { return std::sqrt(x); }
double Expm1(double x) { return std::expm1(x); }
double Sin(double x) { return std::sin(x); }
double Cos(double x) { return std::cos(x); }
double Tan(double x) { return std::tan(x); }
double Cot(double x) { return 1 / std::tan(x); }
double Sec(double x) { return 1 / std::cos(x); }
double Csc(double x) { return 1 / std::sin(x); }
double Asin(double x) { return std::asin(x); }
double Acos(double x) { return std::acos(x); }
double Atan(double x) { return std::atan(x); }
double Sinh(double x) { return std::sinh(x); }
double Cosh(double x) { return std::cosh(x); }
double Tanh(double x) { return std::tanh(x); }
// Spark's formulas, with their infinities.
double Asinh(double x) { return x == -HUGE_VAL ? x : std::log(x + std::sqrt(x * x + 1)); }
double Acosh(double x) { return std::log(x + std::sqrt(x * x - 1)); }
double Atanh(double x) { return 0.5 * (std::log1p(x) - std::log1p(-x)); }
double Atan2(double y, double x) { return std::atan2(y + 0.0, x + 0.0); }
double Hypot(double x, double y) { return std::hypot(x, y); }
double Degrees(double x) { return x * (180.0 / M_PI); }
double Radians(double x) { return x * (M_PI / 180.0); }

// Java's pow has no answer for 1 to an infinite power, or to NaN.
double Pow(double x, double y) {
  if (std::isnan(y) || (std::fabs(x) == 1 && std::isinf(y))) return std::nan("");
  return std::pow(x, y);
}

Result<int32_t> BitGet(int64_t value, int32_t bit, int32_t bits) {
  if (bit < 0 || bit >= bits) {
    return Fail(ErrorCode::kInvalidArgument,
                "[INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE] bit {} is not between 0 and {}", bit,
                bits - 1);
  }
  return static_cast<int32_t>(value >> bit & 1);
}

int64_t BitAnd(int64_t a, int64_t b) { return a & b; }
int64_t BitOr(int64_t a, int64_t b) { return a | b; }
int64_t BitXor(int64_t a, int64_t b) { return a ^ b; }
int64_t BitNot(int64_t value) { return ~value; }

int64_t BitmapCount(values::Bytes bitmap) {
  int64_t count = 0;
  for (const char c : bitmap.bytes) count += std::popcount(static_cast<unsigned char>(c));
  return count;
}

std::vector<sql::ScalarFunction> BitFunctions() {
  return {
      Adapt<BitGet>("spark_bit_get"),
      Adapt<values::ShiftLeftInt>("spark_shiftleft_int"),
      Adapt<values::ShiftLeftLong>("spark_shiftleft"),
      Adapt<values::ShiftRightInt>("spark_shiftright_int"),
      Adapt<values::ShiftRightLong>("spark_shiftright"),
      Adapt<values::ShiftRightUnsignedInt>("spark_shiftrightunsigned_int"),
      Adapt<values::ShiftRightUnsignedLong>("spark_shiftrightunsigned"),
      Adapt<values::BitCount>("spark_bit_count"),
      Adapt<BitAnd>("spark_bit_and"),
      Adapt<BitOr>("spark_bit_or"),
      Adapt<BitXor>("spark_bit_xor"),
      Adapt<BitNot>("spark_bit_not"),
      Adapt<BitmapCount>("spark_bitmap_count"),
      Adapt<values::BitmapBitPosition>("spark_bitmap_bit_position"),
      Adapt<values::BitmapBucketNumber>("spark_bitmap_bucket_number"),
  };
}

}  // namespace

std::vector<sql::ScalarFunction> NumberFunctions() {
  std::vector<sql::ScalarFunction> functions = {
      Adapt<Sqrt>("spark_sqrt"),
      Adapt<values::Cbrt>("spark_cbrt"),
      Adapt<values::Exp>("spark_exp"),
      Adapt<Expm1>("spark_expm1"),
      Adapt<Sin>("spark_sin"),
      Adapt<Cos>("spark_cos"),
      Adapt<Tan>("spark_tan"),
      Adapt<Cot>("spark_cot"),
      Adapt<Sec>("spark_sec"),
      Adapt<Csc>("spark_csc"),
      Adapt<Asin>("spark_asin"),
      Adapt<Acos>("spark_acos"),
      Adapt<Atan>("spark_atan"),
      Adapt<Sinh>("spark_sinh"),
      Adapt<Cosh>("spark_cosh"),
      Adapt<Tanh>("spark_tanh"),
      Adapt<Asinh>("spark_asinh"),
      Adapt<Acosh>("spark_acosh"),
      Adapt<Atanh>("spark_atanh"),
      Adapt<Atan2>("spark_atan2"),
      Adapt<Hypot>("spark_hypot"),
      Adapt<Degrees>("spark_degrees"),
      Adapt<Radians>("spark_radians"),
      Adapt<Pow>("spark_pow"),
      Adapt<values::Round>("spark_round"),
      Adapt<values::RoundEven>("spark_bround"),
      Adapt<values::RoundLong>("spark_round_bigint"),
      Adapt<values::RoundEvenLong>("spark_bround_bigint"),
      Adapt<values::RoundInt>("spark_round_int"),
      Adapt<values::RoundEvenInt>("spark_bround_int"),
      Adapt<values::CeilLong>("spark_ceil"),
      Adapt<values::FloorLong>("spark_floor"),
      Adapt<values::Factorial>("spark_factorial"),
      Adapt<values::WidthBucket>("spark_width_bucket"),
      Adapt<values::TryAddInt>("spark_try_add_int"),
      Adapt<values::TryAddLong>("spark_try_add"),
      Adapt<values::TrySubtractInt>("spark_try_subtract_int"),
      Adapt<values::TrySubtractLong>("spark_try_subtract"),
      Adapt<values::TryMultiplyInt>("spark_try_multiply_int"),
      Adapt<values::TryMultiplyLong>("spark_try_multiply"),
      Adapt<values::PositiveModLong>("spark_pmod_bigint"),
      Adapt<values::PositiveModDouble>("spark_pmod"),
      Adapt<values::PositiveModFloat>("spark_pmod_float"),
      Adapt<values::Ln>("spark_ln"),
      Adapt<values::Log10>("spark_log10"),
      Adapt<values::Log2>("spark_log2"),
      Adapt<values::Log1p>("spark_log1p"),
      Adapt<values::Log>("spark_log"),
      Adapt<values::Signum>("spark_sign"),
      Adapt<values::Rint>("spark_rint"),
      Adapt<values::FormatNumber>("spark_format_number"),
      Adapt<values::FormatWhole>("spark_format_whole"),
      Adapt<values::Bin>("spark_bin"),
      Adapt<values::Conv>("spark_conv"),
  };
  for (auto& function : BitFunctions()) functions.push_back(std::move(function));
  return functions;
}

}  // namespace st::worker::spark
