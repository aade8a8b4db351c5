#include "dialect/spark/intervals.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using enum TypeKind;
using spark_values::IntervalField;
using spark_values::IntervalRange;

std::unexpected<Error> NotOffered(const Expression& value, const Type& to) {
  return Fail(ErrorCode::kUnsupported, "a cast from {} to {} is not supported",
              SparkName(value.type), SparkName(to));
}

// As base/literals do: a text, so that DuckDB reads the number as one of the type's size.
Expression Constant(std::int64_t number, Type type) {
  return Expression::Cast(Expression::Text(fmt::format("{}", number)), type);
}

Expression First(IntervalRange range) {
  return Expression::Integer(static_cast<std::int64_t>(range.first));
}
Expression Last(IntervalRange range) {
  return Expression::Integer(static_cast<std::int64_t>(range.last));
}

Result<Expression> OfUnits(const Result<spark_values::UnitsInterval>& made) {
  if (!made) return std::unexpected(made.error());
  const auto& value = made->value;
  return Constant(made->is_year_month ? value.months : value.micros, IntervalType(made->range));
}

// INTERVAL '1 02' DAY TO HOUR.
Result<Expression> OfRange(const std::string& text, const std::string& from,
                           const std::string& to) {
  const auto first = spark_values::IntervalFieldOf(from);
  const auto last = spark_values::IntervalFieldOf(to);
  const auto is_year_month = [](IntervalField field) { return field <= IntervalField::kMonth; };
  if (!first || !last || *first >= *last || is_year_month(*first) != is_year_month(*last)) {
    return Fail(ErrorCode::kInvalidArgument, "there is no interval {} TO {}", from, to);
  }
  const IntervalRange range{.first = *first, .last = *last};
  if (is_year_month(*first)) {
    ST_TRY(const auto months, spark_values::YearMonthOfText(text, range));
    return Constant(months, IntervalType(range));
  }
  ST_TRY(const auto micros, spark_values::DayTimeOfText(text, range));
  return Constant(micros, IntervalType(range));
}

Result<Expression> FromText(const Expression& value, const Type& to, bool is_try) {
  const std::string start = is_try ? "spark_try_text_to_" : "spark_text_to_";
  if (to.interval == IntervalKind::kCalendar) {
    if (value.kind != Expression::Kind::kLiteral) return NotOffered(value, to);
    ST_TRY(const auto made, spark_values::IntervalOfText(value.text));
    Expression parts = Expression::Call(
        "spark_make_interval",
        {Expression::Integer(0), Expression::Integer(made.value.months), Expression::Integer(0),
         Expression::Integer(made.days), Expression::Integer(0), Expression::Integer(0),
         Constant(made.value.micros - made.days * UnitOf(IntervalField::kDay), {.kind = kLong})},
        to);
    return parts;
  }
  const IntervalRange range = RangeOf(to);
  const bool is_months = to.interval == IntervalKind::kYearMonth;
  return Expression::Call(start + (is_months ? "months" : "micros"),
                          {value, First(range), Last(range)}, to)
      .CanFail(!is_try || value.can_fail);
}

Result<Expression> ToText(const Expression& value, const Type& to) {
  if (value.type.interval == IntervalKind::kCalendar) {
    return Expression::Call("spark_interval_to_text", {value}, to);
  }
  const IntervalRange range = RangeOf(value.type);
  const bool is_months = value.type.interval == IntervalKind::kYearMonth;
  return Expression::Call(is_months ? "spark_months_to_text" : "spark_micros_to_text",
                          {value, First(range), Last(range)}, to);
}

// What is smaller than the last field is dropped.
Expression Truncated(const Expression& value, const Type& to) {
  const std::int64_t unit = UnitOf(RangeOf(to).last);
  if (unit == 1 || RangeOf(value.type).last <= RangeOf(to).last) return As(value, to);
  Expression rest = Expression::Apply(Operator::kRemainder, {value, Constant(unit, value.type)});
  return As(Expression::Apply(Operator::kSubtract, {value, std::move(rest)}).InBrackets(), to);
}

}  // namespace

std::int64_t UnitOf(IntervalField field) {
  constexpr std::int64_t kSecond = 1'000'000;
  switch (field) {
    case IntervalField::kYear:
      return 12;
    case IntervalField::kMonth:
      return 1;
    case IntervalField::kDay:
      return 86'400 * kSecond;
    case IntervalField::kHour:
      return 3600 * kSecond;
    case IntervalField::kMinute:
      return 60 * kSecond;
    case IntervalField::kSecond:
      return kSecond;
  }
  return 1;
}

Type IntervalType(IntervalRange range) {
  Type type{.precision = static_cast<int>(range.first), .scale = static_cast<int>(range.last)};
  type.interval =
      range.first <= IntervalField::kMonth ? IntervalKind::kYearMonth : IntervalKind::kDayTime;
  return type;
}

Type CalendarType() {
  Type type;
  type.interval = IntervalKind::kCalendar;
  return type;
}

IntervalRange RangeOf(const Type& interval) {
  return {.first = static_cast<IntervalField>(interval.precision),
          .last = static_cast<IntervalField>(interval.scale)};
}

std::string IntervalName(const Type& interval) {
  if (interval.interval == IntervalKind::kCalendar) return "INTERVAL";
  return "INTERVAL " + NameOf(RangeOf(interval));
}

std::optional<Type> CommonInterval(const Type& a, const Type& b) {
  if (a.interval != b.interval || !a.is_interval()) return std::nullopt;
  if (a.interval == IntervalKind::kCalendar) return a;
  const IntervalRange left = RangeOf(a);
  const IntervalRange right = RangeOf(b);
  return IntervalType(
      {.first = std::min(left.first, right.first), .last = std::max(left.last, right.last)});
}

Expression As(const Expression& value, Type type) {
  Expression same = value;
  same.type = std::move(type);
  return same;
}

Result<Expression> IntervalLiteral(const Expr& expr) {
  const auto& words = expr.names;
  if (expr.text == "text") return OfUnits(spark_values::IntervalOfText(words.at(0)));
  if (expr.text == "range") return OfRange(words.at(0), words.at(1), words.at(2));
  std::vector<spark_values::IntervalUnit> units;
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    units.push_back({.number = words[i], .unit = words[i + 1]});
  }
  return OfUnits(spark_values::IntervalOfUnits(units));
}

Result<Expression> CastInterval(const Expression& value, const Type& to, bool is_try) {
  const Type& from = value.type;
  if (from.is_void()) return Expression::Cast(value, to);
  if (from.kind == kString) return FromText(value, to, is_try);
  if (to.kind == kString) return ToText(value, to);
  if (from.is_interval() && from.interval == to.interval) {
    if (from.interval == IntervalKind::kCalendar) return value;
    return Truncated(value, to);
  }
  const bool is_exact =
      from.interval != IntervalKind::kCalendar && to.interval != IntervalKind::kCalendar && !is_try;
  if (is_exact && from.is_integer() && to.is_interval()) {
    const Type whole{.kind = to.interval == IntervalKind::kYearMonth ? kInt : kLong};
    Expression counted = Expression::Apply(
        Operator::kMultiply,
        {Expression::Cast(value, whole), Constant(UnitOf(RangeOf(to).last), whole)});
    return As(std::move(counted).InBrackets().CanFail(), to);
  }
  if (is_exact && from.is_interval() && to.is_integer()) {
    const Type whole{.kind = from.interval == IntervalKind::kYearMonth ? kInt : kLong};
    const Expression number = As(value, whole);
    const Expression count =
        Expression::Apply(Operator::kDivideWhole,
                          {number, Constant(UnitOf(RangeOf(from).last), whole)})
            .InBrackets();
    return Expression::Cast(count, to).CanFail(value.can_fail || to.kind == kInt);
  }
  return NotOffered(value, to);
}

}  // namespace st::dialect::spark
