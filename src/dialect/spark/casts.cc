#include "dialect/spark/casts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dialect/spark/intervals.h"
#include "dialect/spark/nested_casts.h"
#include "dialect/spark/scope.h"
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
    case kFloat:
      return spark_values::FloatOf(value.text).has_value();
    case kDouble:
      return spark_values::DoubleOf(value.text).has_value();
    case kBoolean:
      return spark_values::BooleanOf(value.text).has_value();
    case kDate:
      return spark_values::DateOfText(value.text).has_value();
    case kTimestamp:
      return spark_values::LocalTimestampOfText(value.text).has_value();
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
      .CanFail(value.can_fail || (!IsSound(value, to.kind) &&
                                  (!is_try || to.kind == kTimestampTz || to.kind == kTimestamp)));
}

// The bytes of a text; of one that was a binary, all of them, also those that are not UTF-8.
Expression BytesOf(const Expression& text) {
  static const Expression value_text = DecodedValueText();
  if (text == value_text) return Expression::PlainColumn("value", {.kind = kBinary});
  if (text.kind == Expression::Kind::kCall && text.text == "spark_binary_to_text") {
    return text.operands()[0];
  }
  return Call("encode", {text}, {.kind = kBinary});
}

Result<Expression> FromText(const Expression& value, const Type& to, bool is_try) {
  switch (to.kind) {
    case kInt:
      return ByWorker("int", value, to, is_try);
    case kLong:
      return ByWorker("bigint", value, to, is_try);
    case kDecimal:
      return DecimalFromText(value, to, is_try);
    case kFloat:
      return ByWorker("float", value, to, is_try);
    case kDouble:
      return ByWorker("double", value, to, is_try);
    case kBoolean:
      return ByWorker("boolean", value, to, is_try);
    case kDate:
      return ByWorker("date", value, to, is_try);
    case kTimestamp: {
      const Expression local = ByWorker("local_time", value, to, is_try);
      return InUtc(As(local, {.kind = kTimestampTz}), kTimestamp);
    }
    case kTimestampTz:
      return ByWorker("timestamp", value, to, is_try);
    case kBinary:
      return BytesOf(value);
    default:
      return NotOffered(value, to, "");
  }
}

// DuckDB's own cast, where it means the same as Spark's.
Expression Plain(const Expression& value, const Type& to, bool is_try, bool can_fail) {
  return Expression::Cast(value, to, is_try).CanFail(value.can_fail || (can_fail && !is_try));
}

Result<Expression> ToText(const Expression& value, const Type& to) {
  switch (value.type.kind) {
    case kFloat:
      return Call("spark_float_to_text", {value}, to);
    case kDouble:
      return Call("spark_double_to_text", {value}, to);
    case kTimestamp:
      return Call("spark_timestamp_to_text", {InUtc(value, kTimestampTz)}, to);
    case kTimestampTz:
      return Call("spark_timestamp_to_text", {value}, to);
    case kDate:
      return Call("spark_date_to_text", {value}, to);
    case kBinary:
      return Call("spark_binary_to_text", {value}, to);
    default:
      return Plain(value, to, false, false);
  }
}

Result<Expression> FromTimestamp(const Expression& value, const Type& to, bool is_try) {
  if (to.kind == kDecimal) return NotOffered(value, to, "");
  if (to.kind == kDouble || to.kind == kFloat) {
    Expression seconds =
        Expression::Apply(Operator::kDivide, {Call("epoch_us", {value}, {.kind = kDouble}),
                                              Expression::Number("1e6", {.kind = kDouble})});
    if (to.kind == kFloat) return Call("spark_double_to_float", {std::move(seconds)}, to);
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
  if (value.type.kind == kFloat) {
    const Type wide{.kind = kDouble};
    const Expression number = Plain(value, wide, false, false);
    return to == wide ? number : ToNumber(number, to, is_try);
  }
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
      if (to.kind == kFloat) {
        return Call("spark_text_to_float", {Plain(value, kText, false, false)}, to);
      }
      if (!to.is_integer()) return Plain(value, to, false, false);
      return Plain(Call("trunc", {value}, value.type), to, is_try, true);
    case kDouble:
      if (to_decimal) return DecimalFromDouble(value, to, is_try);
      if (to.kind == kFloat) return Call("spark_double_to_float", {value}, to);
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
  if (a.is_interval() || b.is_interval()) return std::nullopt;
  if (a.kind == kString || b.kind == kString) {
    const Type& other = a.kind == kString ? b : a;
    if (other.kind == kBinary) return std::nullopt;
    if (other.is_integer()) return Type{.kind = kLong};
    return other.is_numeric() ? Type{.kind = kDouble} : other;
  }
  if (a.is_numeric() && b.is_numeric()) {
    const auto is_floating = [](const Type& type) {
      return type.kind == kFloat || type.kind == kDouble;
    };
    if (is_floating(a) || is_floating(b)) return Type{.kind = kDouble};
    return WiderDecimal(a, b);
  }
  const auto rank = [](const Type& type) {  // of a date and a time the time, of two that of UTC
    return type.kind == kDate ? 1 : type.kind == kTimestamp ? 2 : type.kind == kTimestampTz ? 3 : 0;
  };
  if (rank(a) == 0 || rank(b) == 0) return std::nullopt;
  return rank(a) > rank(b) ? a : b;
}

// A date or time as another; nullopt where one of the types is none.
std::optional<Expression> BetweenTimes(const Expression& value, const Type& to) {
  const TypeKind from = value.type.kind;
  if (from == kTimestampTz && to.kind == kTimestamp) return InUtc(value, kTimestamp);
  if (from == kTimestamp && to.kind == kTimestampTz) return InUtc(value, kTimestampTz);
  if (from == kTimestampTz && to.kind == kDate) {
    return Plain(InUtc(value, kTimestamp), to, false, false);
  }
  if (from == kDate && to.kind == kTimestampTz) {
    return InUtc(Expression::Cast(value, {.kind = kTimestamp}), kTimestampTz);
  }
  const bool is_plain =
      (from == kTimestamp && to.kind == kDate) || (from == kDate && to.kind == kTimestamp);
  return is_plain ? std::optional(Plain(value, to, false, false)) : std::nullopt;
}

}  // namespace

Result<Expression> Cast(const Expression& value, const Type& to, bool is_try) {
  if (value.type == to) return value;
  if (value.type.is_interval() || to.is_interval()) return CastInterval(value, to, is_try);
  if (value.type.nested != nullptr || to.nested != nullptr) return CastNested(value, to, is_try);
  if (value.type.is_void()) return Plain(value, to, false, false);
  if (value.type.kind == kString) return FromText(value, to, is_try);
  if (to.kind == kString) return ToText(value, to);
  if (to.is_numeric()) return ToNumber(value, to, is_try);
  if (to.kind == kBoolean && value.type.is_integer()) return Plain(value, to, false, false);
  if (to.kind == kBoolean && value.type.is_numeric()) {
    return Expression::Apply(Operator::kNotEqual,
                             {value, Expression::Cast(Expression::Integer(0), value.type)})
        .InBrackets();
  }
  if (const auto time = BetweenTimes(value, to)) return *time;
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
