#include "dialect/spark/casts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dialect/spark/nested_casts.h"
#include "dialect/spark/types.h"
#include "spark_values/number_text.h"
#include "spark_values/time_text.h"

namespace st::dialect::spark {
namespace {

using enum TypeKind;

const Type kText{.kind = kString};
const Type kWhole{.kind = kLong};

std::unexpected<Error> NotOffered(const Expression& value, const Type& to, std::string_view why) {
  return Fail(ErrorCode::kUnsupported, "a cast from {} to {} is not supported{}",
              SparkName(value.type), SparkName(to), why);
}

Expression Call(std::string_view function, std::vector<Expression> arguments, Type type) {
  return Expression::Call(function, std::move(arguments), type);
}

// Whether a cast of this constant text cannot fail.
bool IsSound(const Expression& value, TypeKind kind) {
  if (value.kind != Expression::Kind::kLiteral) return false;
  switch (kind) {
    case kInt:
      return spark_values::IntOf(value.text).has_value();
    case kLong:
      return spark_values::LongOf(value.text).has_value();
    case kDouble:
      return spark_values::DoubleOf(value.text).has_value();
    case kBoolean:
      return spark_values::BooleanOf(value.text).has_value();
    case kDate:
      return spark_values::DateOfText(value.text).has_value();
    case kTimestampTz:
      return spark_values::TimestampOfText(value.text).has_value();
    default:
      return false;
  }
}

// DuckDB's cast rounds the digits of a text half away from zero, but reads exponents in another
// way.
Expression DecimalFromText(const Expression& value, const Type& to, bool is_try) {
  const Expression plain =
      Call(is_try ? "spark_try_text_to_plain" : "spark_text_to_plain", {value}, kText);
  return Expression::Cast(plain, to, is_try).CanFail(!is_try || value.can_fail);
}

// The worker's function for a cast of a text.
Expression ByWorker(std::string_view name, const Expression& value, const Type& to, bool is_try) {
  return Call(fmt::format("spark_{}text_to_{}", is_try ? "try_" : "", name), {value}, to)
      .CanFail(value.can_fail ||
               (!IsSound(value, to.kind) && (!is_try || to.kind == kTimestampTz)));
}

Result<Expression> FromText(const Expression& value, const Type& to, bool is_try) {
  switch (to.kind) {
    case kInt:
      return ByWorker("int", value, to, is_try);
    case kLong:
      return ByWorker("bigint", value, to, is_try);
    case kDecimal:
      return DecimalFromText(value, to, is_try);
    case kDouble:
      return ByWorker("double", value, to, is_try);
    case kBoolean:
      return ByWorker("boolean", value, to, is_try);
    case kDate:
      return ByWorker("date", value, to, is_try);
    case kTimestampTz:
      return ByWorker("timestamp", value, to, is_try);
    case kBinary:
      return Call("encode", {value}, to);
    default:
      return NotOffered(value, to, "");
  }
}

// DuckDB's own cast, where it means the same as Spark's.
Expression Plain(const Expression& value, const Type& to, bool is_try, bool can_fail) {
  return Expression::Cast(value, to, is_try).CanFail(value.can_fail || (can_fail && !is_try));
}

Result<Expression> ToText(const Expression& value, const Type& to, bool is_try) {
  switch (value.type.kind) {
    case kDouble:
      return Call("spark_double_to_text", {value}, to);
    case kTimestampTz:
      return Call("spark_timestamp_to_text", {value}, to);
    case kDate:
      return Call("spark_date_to_text", {value}, to);
    case kBinary: {
      const auto decoded = Call("decode", {value}, to);
      if (!is_try) return Expression(decoded).CanFail();
      return Call("try", {decoded}, to).CanFail(false);
    }
    default:
      return Plain(value, to, false, false);
  }
}

Result<Expression> FromTimestamp(const Expression& value, const Type& to, bool is_try) {
  if (to.kind == kDecimal) return NotOffered(value, to, "");
  if (to.kind == kDouble) {
    Expression seconds =
        Expression::Apply(Operator::kDivide, {Call("epoch_us", {value}, {.kind = kDouble}),
                                              Expression::Number("1e6", {.kind = kDouble})});
    return std::move(seconds).InBrackets();
  }
  const Expression seconds = DivideDown(Call("epoch_us", {value}, kWhole), 1'000'000);
  return to == seconds.type ? seconds : Plain(seconds, to, is_try, true);
}

// Spark rounds the digits of the double's text; what is no number is NULL.
Expression DecimalFromDouble(const Expression& value, const Type& to, bool is_try) {
  return Expression::Cast(Call("spark_double_to_plain", {value}, kText), to, is_try)
      .CanFail(!is_try || value.can_fail);
}

Result<Expression> ToNumber(const Expression& value, const Type& to, bool is_try) {
  const bool to_decimal = to.kind == kDecimal;
  switch (value.type.kind) {
    case kInt:
      return Plain(value, to, is_try, to_decimal && to.precision - to.scale < 10);
    case kLong:
      return Plain(value, to, is_try,
                   to.kind == kInt || (to_decimal && to.precision - to.scale < 19));
    case kBoolean:
      if (!to_decimal) return Plain(value, to, false, false);
      return Plain(Expression::Cast(value, {.kind = kInt}), to, is_try, true);
    case kDecimal:
      if (to_decimal) {
        const bool has_room = to.scale >= value.type.scale &&
                              to.precision - to.scale >= value.type.precision - value.type.scale;
        return Plain(value, to, is_try, !has_room);
      }
      if (!to.is_integer()) return Plain(value, to, false, false);
      return Plain(Call("trunc", {value}, value.type), to, is_try, true);
    case kDouble:
      if (to_decimal) return DecimalFromDouble(value, to, is_try);
      return Call(fmt::format("spark_{}double_to_{}", is_try ? "try_" : "",
                              to.kind == kInt ? "int" : "bigint"),
                  {value}, to)
          .CanFail(!is_try || value.can_fail);
    case kTimestampTz:
      return FromTimestamp(value, to, is_try);
    default:
      return NotOffered(value, to, "");
  }
}

// The decimal that holds the values of both; nullopt where it would need more than 38 digits.
std::optional<Type> WiderDecimal(const Type& a, const Type& b) {
  const auto as_decimal = [](const Type& type) {
    if (type.kind == kDecimal) return type;
    return Type{.kind = kDecimal, .precision = type.kind == kInt ? 10 : 20, .scale = 0};
  };
  const Type left = as_decimal(a);
  const Type right = as_decimal(b);
  const int scale = std::max(left.scale, right.scale);
  const int whole = std::max(left.precision - left.scale, right.precision - right.scale);
  if (whole + scale > kMaxDecimalPrecision) return std::nullopt;
  return Type{.kind = kDecimal, .precision = whole + scale, .scale = scale};
}

// Spark's common type of two in ANSI mode: a text becomes what stands beside it.
std::optional<Type> WiderType(const Type& a, const Type& b) {
  if (const auto common = CommonType(a, b)) return common;
  if (a.nested != nullptr || b.nested != nullptr) {
    // In nested values no text becomes what stands beside it.
    return CommonNested(a, b, [](const Type& x, const Type& y) {
      const bool is_text = x != y && (x.kind == kString || y.kind == kString);
      return is_text ? CommonType(x, y) : WiderType(x, y);
    });
  }
  if (a.kind == kString || b.kind == kString) {
    const Type& other = a.kind == kString ? b : a;
    if (other.kind == kBinary) return std::nullopt;
    if (other.is_integer()) return Type{.kind = kLong};
    return other.is_numeric() ? Type{.kind = kDouble} : other;
  }
  if (a.is_numeric() && b.is_numeric()) {
    if (a.kind == kDouble || b.kind == kDouble) return Type{.kind = kDouble};
    return WiderDecimal(a, b);
  }
  const bool are_times =
      (a.kind == kDate && b.kind == kTimestampTz) || (a.kind == kTimestampTz && b.kind == kDate);
  if (are_times) return Type{.kind = kTimestampTz};
  return std::nullopt;
}

}  // namespace

Result<Expression> Cast(const Expression& value, const Type& to, bool is_try) {
  if (value.type == to) return value;
  if (value.type.nested != nullptr || to.nested != nullptr) return CastNested(value, to, is_try);
  if (value.type.is_void()) return Plain(value, to, false, false);
  if (value.type.kind == kString) return FromText(value, to, is_try);
  if (to.kind == kString) return ToText(value, to, is_try);
  if (to.is_numeric()) return ToNumber(value, to, is_try);
  if (to.kind == kBoolean && value.type.is_integer()) return Plain(value, to, false, false);
  if (to.kind == kBoolean && value.type.is_numeric()) {
    return Expression::Apply(Operator::kNotEqual,
                             {value, Expression::Cast(Expression::Integer(0), value.type)})
        .InBrackets();
  }
  if (to.kind == kDate && value.type.kind == kTimestampTz) {
    return Plain(InUtc(value, kTimestamp), to, false, false);
  }
  if (to.kind == kTimestampTz && value.type.kind == kDate) {
    return InUtc(Expression::Cast(value, {.kind = kTimestamp}), kTimestampTz);
  }
  if (to.kind == kTimestampTz && value.type.is_integer()) {
    return Call(is_try ? "spark_try_seconds_to_timestamp" : "spark_seconds_to_timestamp", {value},
                to)
        .CanFail(!is_try || value.can_fail);
  }
  return NotOffered(value, to, "");
}

Expression InUtc(const Expression& value, TypeKind kind) {
  return Call("timezone", {Expression::Text("UTC"), value}, {.kind = kind});
}

Expression DivideDown(const Expression& value, std::int64_t divisor) {
  const Expression by = Expression::Integer(divisor);
  const Expression rest = Expression::Apply(
      Operator::kRemainder,
      {Expression::Apply(Operator::kAdd,
                         {Expression::Apply(Operator::kRemainder, {value, by}), by}),
       by});
  return Expression::Apply(Operator::kDivideWhole,
                           {Expression::Apply(Operator::kSubtract, {value, rest}), by})
      .InBrackets();
}

bool Unify(std::vector<Expression>& values) {
  Type common;
  for (const auto& value : values) {
    const auto next = WiderType(common, value.type);
    if (!next) return false;
    common = *next;
  }
  for (auto& value : values) {
    if (value.type == common) continue;
    auto cast = Cast(value, common, false);
    if (!cast) return false;
    value = std::move(*cast);
  }
  return true;
}

}  // namespace st::dialect::spark
