#include "dialect/spark/literals.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "base/text.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"
#include "spark_values/number_text.h"

namespace st::dialect::spark {

Result<Expression> NumberLiteral(const SourceText& source, const Expr& expr, bool is_negative) {
  const auto wrong = [&](std::string_view message) {
    return std::unexpected(source.At(expr.position, message));
  };
  std::string text = AsciiLower(expr.text);
  const char last = text.back();
  const bool is_hex = text.starts_with("0x");
  const bool is_plain = text.find_first_of(".e") == std::string::npos;
  const auto make = [&](std::string_view digits, Type type) -> Result<Expression> {
    return Expression::Cast(Expression::Text(fmt::format("{}{}", is_negative ? "-" : "", digits)),
                            type);
  };
  if (last == 'd' && !is_hex) {
    text.pop_back();
    if (text.find_first_not_of("0123456789.e+-") == std::string::npos) {
      return make(text, {.kind = TypeKind::kDouble});
    }
  }
  if (last == 'f' && !is_hex) {
    const std::string digits = text.substr(0, text.size() - 1);
    if (digits.find_first_not_of("0123456789.e+-") == std::string::npos) {
      const auto value = spark_values::FloatOf(digits);
      if (value && std::isfinite(*value)) return make(digits, {.kind = TypeKind::kFloat});
      return wrong(fmt::format("{} does not fit FLOAT", digits));
    }
  }
  const bool is_long = last == 'l';
  if (is_long) text.pop_back();
  if (text.find_first_not_of("0123456789.e+-") != std::string::npos) {
    return wrong(
        fmt::format("'{}' is no number; supported are 1, 1.5, 1e3, 10L, 1.5D, 1.5F", expr.text));
  }
  if (is_plain) {
    const auto value = ParseInt64((is_negative ? "-" : "") + text);
    if (!value) return wrong(fmt::format("{} does not fit BIGINT", expr.text));
    const bool is_int = !is_long && *value >= INT32_MIN && *value <= INT32_MAX;
    if (!is_int) return make(text, {.kind = TypeKind::kLong});
    Expression number = Expression::Integer(*value);
    number.in_brackets = is_negative;
    return number;
  }
  if (is_long) return wrong(fmt::format("'{}' is no whole number", expr.text));
  if (text.contains('e')) return make(text, {.kind = TypeKind::kDouble});
  const auto dot = text.find('.');
  const int scale = static_cast<int>(text.size() - dot - 1);
  const std::string_view whole = std::string_view(text).substr(0, dot);
  const auto significant = whole.find_first_not_of('0');
  const int digits =
      significant == std::string_view::npos ? 0 : static_cast<int>(whole.size() - significant);
  if (digits + scale > 38) return wrong("a decimal has at most 38 digits");
  return make(
      text, {.kind = TypeKind::kDecimal, .precision = std::max(digits + scale, 1), .scale = scale});
}

Result<Expression> TimeLiteral(const Expr& expr) {
  const TypeKind kind = expr.text == "date"            ? TypeKind::kDate
                        : expr.text == "timestamp_ntz" ? TypeKind::kTimestamp
                                                       : TypeKind::kTimestampTz;
  ST_TRY(auto time, Cast(Expression::Text(expr.args[0].text), {.kind = kind}, false));
  if (!time.can_fail) return time;
  return Fail(ErrorCode::kInvalidArgument, "'{}' is no {}", expr.args[0].text,
              SparkName({.kind = kind}));
}

}  // namespace st::dialect::spark
