#include "dialect/spark/time_arithmetic.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dialect/spark/casts.h"
#include "dialect/spark/intervals.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using enum TypeKind;
using spark_values::IntervalField;
using spark_values::IntervalRange;

constexpr IntervalRange kAllOfDays{.first = IntervalField::kDay, .last = IntervalField::kSecond};
constexpr IntervalRange kAllOfYears{.first = IntervalField::kYear, .last = IntervalField::kMonth};

bool IsTime(const Type& type) { return type.kind == kTimestampTz || type.kind == kTimestamp; }
bool IsDateOrTime(const Type& type) { return type.kind == kDate || IsTime(type); }

Expression Call(std::string_view function, std::vector<Expression> arguments, Type type) {
  return Expression::Call(function, std::move(arguments), std::move(type));
}

Expression Apply(Operator op, const Expression& left, const Expression& right, Type type) {
  return As(Expression::Apply(op, {left, right}).InBrackets().CanFail(), std::move(type));
}

std::unexpected<Error> NotTaken(std::string_view op, const std::vector<Expression>& values) {
  return Fail(ErrorCode::kInvalidArgument, "{} does not take {} and {}, as in Spark", op,
              SparkName(values[0].type), SparkName(values[1].type));
}

Expression Whole(const Expression& interval) {
  return As(interval, {.kind = interval.type.interval == IntervalKind::kYearMonth ? kInt : kLong});
}

// A time of either kind as one of UTC, for a function of the worker, and what it makes back.
template <typename F>
Expression OverTime(const Expression& time, F&& make) {
  if (time.type.kind == kTimestampTz) return make(time);
  return InUtc(make(InUtc(time, kTimestampTz)), kTimestamp);
}

Expression Later(const Expression& time, std::string_view unit, Expression count) {
  return OverTime(time, [&](const Expression& at) {
    return Call("spark_timestampadd",
                {Expression::Text(unit), Expression::Cast(std::move(count), {.kind = kLong}), at},
                {.kind = kTimestampTz})
        .CanFail();
  });
}

// A literal of few digits, which a DOUBLE holds well enough.
bool IsConstant(const Expression& value) {
  constexpr int kExactDigits = 15;
  return value.kind == Expression::Kind::kCast && value.type.precision <= kExactDigits &&
         value.operands()[0].kind == Expression::Kind::kLiteral;
}

Result<Expression> Negated(const Expression& interval) {
  if (interval.type.interval == IntervalKind::kCalendar) {
    return Call("spark_negate_interval", {interval}, interval.type).CanFail();
  }
  return As(Expression::Apply(Operator::kNegate, {interval}).InBrackets().CanFail(), interval.type);
}

Result<Expression> DatePlus(const Expression& date, const Expression& interval) {
  const Type day{.kind = kDate};
  switch (interval.type.interval) {
    case IntervalKind::kYearMonth:
      return Call("spark_add_months", {date, Whole(interval)}, day).CanFail();
    case IntervalKind::kCalendar:
      return Call("spark_date_plus_interval", {date, interval}, day).CanFail();
    default:
      break;
  }
  if (RangeOf(interval.type).last == IntervalField::kDay) {
    ST_TRY(const auto days, CastInterval(interval, {.kind = kInt}, false));
    return Apply(Operator::kAdd, date, days, day);
  }
  ST_TRY(const auto time, Cast(date, {.kind = kTimestampTz}, false));
  return Later(time, "microsecond", Whole(interval));
}

Result<Expression> TimePlus(const Expression& time, const Expression& interval) {
  if (interval.type.interval == IntervalKind::kCalendar) {
    return OverTime(time, [&](const Expression& at) {
      return Call("spark_time_plus_interval", {at, interval}, {.kind = kTimestampTz}).CanFail();
    });
  }
  const bool is_months = interval.type.interval == IntervalKind::kYearMonth;
  return Later(time, is_months ? "month" : "microsecond", Whole(interval));
}

// A date, a time or a text with an interval.
Result<Expression> PlusInterval(const Expression& value, const Expression& interval,
                                bool is_minus) {
  Expression length = interval;
  if (is_minus) {
    ST_TRY(length, Negated(interval));
  }
  if (value.type.kind == kDate) return DatePlus(value, length);
  if (IsTime(value.type)) return TimePlus(value, length);
  ST_TRY(const auto time, Cast(value, {.kind = kTimestampTz}, false));
  ST_TRY(const auto later, TimePlus(time, length));
  return Cast(later, {.kind = kString}, false);
}

Result<std::optional<Expression>> OfIntervals(std::string_view op,
                                              const std::vector<Expression>& values) {
  const auto common = CommonInterval(values[0].type, values[1].type);
  if (!common || (op != "+" && op != "-")) return NotTaken(op, values);
  const bool is_plus = op == "+";
  if (common->interval == IntervalKind::kCalendar) {
    return Call(is_plus ? "spark_add_intervals" : "spark_subtract_intervals", values, *common)
        .CanFail();
  }
  return Apply(is_plus ? Operator::kAdd : Operator::kSubtract, values[0], values[1], *common);
}

// An interval times a number, or divided by it.
Result<std::optional<Expression>> Scaled(bool is_division, const Expression& interval,
                                         const Expression& number) {
  Expression factor = number;
  const bool is_calendar = interval.type.interval == IntervalKind::kCalendar;
  if (factor.type.kind == kDecimal && !is_calendar && !IsConstant(factor)) {
    return Fail(ErrorCode::kInvalidArgument,
                "an interval is multiplied by and divided by INT, BIGINT and DOUBLE here, not by "
                "{}; write CAST(… AS DOUBLE)",
                SparkName(factor.type));
  }
  if (is_calendar || !factor.type.is_integer()) {
    ST_TRY(factor, Cast(factor, {.kind = kDouble}, false));
  }
  if (is_calendar) {
    return Call(is_division ? "spark_divide_interval" : "spark_multiply_interval",
                {interval, std::move(factor)}, interval.type)
        .CanFail();
  }
  const bool is_months = interval.type.interval == IntervalKind::kYearMonth;
  const Type type = IntervalType(is_months ? kAllOfYears : kAllOfDays);
  const Expression length = Expression::Cast(Whole(interval), {.kind = kLong});
  Expression made;
  if (factor.type.is_integer()) {
    factor = Expression::Cast(std::move(factor), {.kind = kLong});
    made = is_division ? Call("spark_divide_whole", {length, std::move(factor)}, {.kind = kLong})
                       : Expression::Apply(Operator::kMultiply, {length, std::move(factor)});
  } else {
    made = Call(is_division ? "spark_divide_length" : "spark_multiply_length",
                {length, std::move(factor)}, {.kind = kLong});
  }
  made = std::move(made).InBrackets().CanFail();
  if (is_months) made = Expression::Cast(std::move(made), {.kind = kInt});
  return As(made, type);
}

// The time between two dates or times; a text is what stands beside it.
Result<std::optional<Expression>> Difference(std::vector<Expression> values) {
  const bool are_dates = std::ranges::none_of(values, [](const auto& v) { return IsTime(v.type); });
  for (auto& value : values) {
    const TypeKind kind = are_dates                       ? kDate
                          : value.type.kind == kTimestamp ? kTimestamp
                                                          : kTimestampTz;
    ST_TRY(value, Cast(value, {.kind = kind}, false));
  }
  if (are_dates) {
    const Expression days =
        Call("date_diff", {Expression::Text("day"), values[1], values[0]}, {.kind = kLong});
    const Type type = IntervalType({.first = IntervalField::kDay, .last = IntervalField::kDay});
    return Apply(Operator::kMultiply, days,
                 Expression::Cast(Expression::Text("86400000000"), {.kind = kLong}), type);
  }
  const auto micros = [](const Expression& time) {
    return Call("epoch_us", {time}, {.kind = kLong});
  };
  return Apply(Operator::kSubtract, micros(values[0]), micros(values[1]), IntervalType(kAllOfDays));
}

// A date with a number of days.
std::optional<Expression> PlusDays(std::string_view op, const std::vector<Expression>& values) {
  const bool is_date_first = values[0].type.kind == kDate;
  const Expression& date = values[is_date_first ? 0 : 1];
  const Expression& days = values[is_date_first ? 1 : 0];
  if (date.type.kind != kDate || days.type.kind != kInt) return std::nullopt;
  if (op == "+") return Apply(Operator::kAdd, date, days, date.type);
  if (op == "-" && is_date_first) return Apply(Operator::kSubtract, date, days, date.type);
  return std::nullopt;
}

}  // namespace

Result<std::optional<Expression>> TimeArithmetic(std::string_view op,
                                                 const std::vector<Expression>& values) {
  const Type& left = values[0].type;
  const Type& right = values[1].type;
  const bool has_interval = left.is_interval() || right.is_interval();
  if (!has_interval && !IsDateOrTime(left) && !IsDateOrTime(right)) {
    return std::optional<Expression>();
  }
  if (left.is_interval() && right.is_interval()) return OfIntervals(op, values);
  const auto is_moved = [](const Type& type) { return IsDateOrTime(type) || type.kind == kString; };
  if (right.is_interval() && is_moved(left) && (op == "+" || op == "-")) {
    ST_TRY(auto made, PlusInterval(values[0], values[1], op == "-"));
    return std::optional(std::move(made));
  }
  if (left.is_interval() && is_moved(right) && op == "+") {
    ST_TRY(auto made, PlusInterval(values[1], values[0], false));
    return std::optional(std::move(made));
  }
  const auto is_number = [](const Type& type) { return type.is_numeric(); };
  if (left.is_interval() && is_number(right) && (op == "*" || op == "/")) {
    return Scaled(op == "/", values[0], values[1]);
  }
  if (right.is_interval() && is_number(left) && op == "*") {
    return Scaled(false, values[1], values[0]);
  }
  if (auto moved = PlusDays(op, values)) return moved;
  if (op == "-" && !has_interval && is_moved(left) && is_moved(right)) return Difference(values);
  return NotTaken(op, values);
}

Result<Expression> NegatedInterval(const Expression& interval) { return Negated(interval); }

}  // namespace st::dialect::spark
