#include "dialect/spark/interval_functions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "dialect/spark/arguments.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/intervals.h"
#include "dialect/spark/time_arithmetic.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;
using spark_values::IntervalField;

// The whole numbers of a call from `first` on, 0 for those that are missing.
Result<std::vector<Expression>> Numbers(const Call& call, std::size_t count) {
  std::vector<Expression> numbers;
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= call.args.size()) {
      numbers.push_back(Expression::Integer(0));
      continue;
    }
    ST_TRY(auto number, Argument(call, i, kInt));
    numbers.push_back(std::move(number));
  }
  return numbers;
}

// The seconds, a DECIMAL(18,6), as microseconds.
Result<Expression> Micros(const Call& call, std::size_t index) {
  if (index >= call.args.size()) {
    return Expression::Cast(Expression::Integer(0), {.kind = kLong});
  }
  const Type exact{.kind = kDecimal, .precision = 18, .scale = 6};
  const Type& type = call.args[index].type;
  auto seconds = Cast(call.args[index], exact, false);
  if (!seconds || !(type.is_integer() || type.kind == kDecimal || type.is_void())) {
    return call.Wrong(call.expr.args[index].position,
                      "the seconds are a whole number or a DECIMAL");
  }
  const Type whole{.kind = kDecimal, .precision = 38, .scale = 6};
  return Expression::Cast(
      Expression::Apply(Operator::kMultiply, {Expression::Cast(*std::move(seconds), whole),
                                              Expression::Integer(1'000'000)}),
      {.kind = kLong});
}

Result<Expression> MakeInterval(Call& call) {
  constexpr std::size_t kNumbers = 6;
  ST_TRY(auto parts, Numbers(call, kNumbers));
  ST_TRY(auto micros, Micros(call, kNumbers));
  parts.push_back(std::move(micros));
  const bool is_try = call.expr.text == "try_make_interval";
  return MakeCall(is_try ? "spark_try_make_interval" : "spark_make_interval", std::move(parts),
                  CalendarType())
      .CanFail(!is_try || AnyFails(call.args));
}

Result<Expression> MakeDayTime(Call& call) {
  constexpr std::size_t kNumbers = 3;
  ST_TRY(auto parts, Numbers(call, kNumbers));
  ST_TRY(auto micros, Micros(call, kNumbers));
  parts.push_back(std::move(micros));
  return MakeCall("spark_make_dt_interval", std::move(parts),
                  IntervalType({.first = IntervalField::kDay, .last = IntervalField::kSecond}))
      .CanFail();
}

Result<Expression> MakeYearMonth(Call& call) {
  ST_TRY(auto parts, Numbers(call, 2));
  const Expression years =
      Expression::Apply(Operator::kMultiply, {parts[0], Expression::Integer(12)}).InBrackets();
  Expression months =
      Expression::Apply(Operator::kAdd, {years, std::move(parts[1])}).InBrackets().CanFail();
  return As(months, IntervalType({.first = IntervalField::kYear, .last = IntervalField::kMonth}));
}

constexpr std::array kMakers = {
    Custom{"make_interval", 0, 7,
           "make_interval([years[, months[, weeks[, days[, hours[, minutes[, seconds]]]]]]])",
           MakeInterval},
    Custom{"try_make_interval", 1, 7, "try_make_interval(years[, months, …, seconds])",
           MakeInterval},
    Custom{"make_dt_interval", 0, 4, "make_dt_interval([days[, hours[, minutes[, seconds]]]])",
           MakeDayTime},
    Custom{"make_ym_interval", 0, 2, "make_ym_interval([years[, months]])", MakeYearMonth},
};

// Of what stands behind the units above the field, as 14 of 26 hours.
Expression PartOf(const Expression& interval, IntervalField field) {
  const bool is_months = interval.type.interval == IntervalKind::kYearMonth;
  const Type whole{.kind = is_months ? kInt : kLong};
  const auto constant = [&](std::int64_t number) {
    return Expression::Cast(Expression::Text(fmt::format("{}", number)), whole);
  };
  Expression rest = As(interval, whole);
  if (field != IntervalField::kYear && field != IntervalField::kDay) {
    const auto above = static_cast<IntervalField>(static_cast<int>(field) - 1);
    rest = Expression::Apply(Operator::kRemainder, {rest, constant(UnitOf(above))}).InBrackets();
  }
  if (field == IntervalField::kSecond) return rest;
  return AsInt(Expression::Apply(Operator::kDivideWhole, {rest, constant(UnitOf(field))}));
}

Expression CalendarPart(const Expression& interval, IntervalField field) {
  const Expression part =
      MakeCall("spark_interval_part",
               {interval, Expression::Integer(static_cast<std::int64_t>(field))}, kLong);
  return field == IntervalField::kHour || field == IntervalField::kSecond ? part : AsInt(part);
}

// date_part('HOUR', interval).
Result<Expression> Part(Call& call) {
  ST_TRY(const auto name, TextLiteral(call, 0, "the field"));
  const Expression& interval = call.args[1];
  static constexpr std::array<std::pair<std::string_view, IntervalField>, 14> kShort = {
      {{"y", IntervalField::kYear},
       {"yr", IntervalField::kYear},
       {"yrs", IntervalField::kYear},
       {"mon", IntervalField::kMonth},
       {"mons", IntervalField::kMonth},
       {"d", IntervalField::kDay},
       {"h", IntervalField::kHour},
       {"hr", IntervalField::kHour},
       {"hrs", IntervalField::kHour},
       {"m", IntervalField::kMinute},
       {"min", IntervalField::kMinute},
       {"mins", IntervalField::kMinute},
       {"s", IntervalField::kSecond},
       {"sec", IntervalField::kSecond}}};
  auto field = spark_values::IntervalFieldOf(name);
  for (const auto& [text, meant] : kShort) {
    if (EqualsIgnoreCase(text, name)) field = meant;
  }
  const bool is_calendar = interval.type.interval == IntervalKind::kCalendar;
  const bool has_field = field && (is_calendar || (*field >= RangeOf(interval.type).first &&
                                                   *field <= RangeOf(interval.type).last));
  if (!has_field) {
    return call.Wrong(call.expr.args[0].position,
                      fmt::format("{} has no {}", SparkName(interval.type), name));
  }
  const Expression part = is_calendar ? CalendarPart(interval, *field) : PartOf(interval, *field);
  if (*field != IntervalField::kSecond) return part;
  const Type micros{.kind = kDecimal, .precision = 8, .scale = 0};
  const Expression one = Expression::Cast(Expression::Text("0.000001"),
                                          {.kind = kDecimal, .precision = 7, .scale = 6});
  return Expression::Cast(
      Expression::Apply(Operator::kMultiply, {Expression::Cast(part, micros), one}),
      {.kind = kDecimal, .precision = 8, .scale = 6});
}

// Translates abs, sign and signum.
Result<Expression> OfSize(Call& call) {
  const Expression& interval = call.args[0];
  if (interval.type.interval == IntervalKind::kCalendar) {
    return WrongType(call, 0, "no interval of make_interval");
  }
  const Type whole{.kind = interval.type.interval == IntervalKind::kYearMonth ? kInt : kLong};
  const Expression number = As(interval, whole);
  if (call.expr.text == "abs") return As(MakeCall("abs", {number}, whole).CanFail(), interval.type);
  return MakeCall("spark_sign", {Expression::Cast(number, {.kind = kDouble})}, kDouble);
}

// Translates try_add and the like; an error of an argument is NULL, too, as in Spark.
Result<Expression> Try(Call& call) {
  const std::string& name = call.expr.text;
  const std::string_view op = name == "try_add"        ? "+"
                              : name == "try_subtract" ? "-"
                              : name == "try_multiply" ? "*"
                                                       : "/";
  auto made = TimeArithmetic(op, call.args);
  if (!made) return call.Wrong(call.expr.position, made.error().message());
  const Type type = (*made)->type;
  return MakeCall("try", {**std::move(made)}, type).CanFail(false);
}

}  // namespace

std::span<const CustomFunction> IntervalFunctions() { return kMakers; }

Result<std::optional<Expression>> TranslateIntervalCall(Call& call) {
  static constexpr std::array<std::string_view, 10> kOfAnyType = {
      "coalesce", "ifnull", "nvl",       "nvl2",       "nullif",
      "if",       "isnull", "isnotnull", "equal_null", "typeof"};
  static constexpr std::array<std::string_view, 2> kOrdered = {"greatest", "least"};
  const std::string& name = call.expr.text;
  const bool has_calendar = std::ranges::any_of(call.args, [](const Expression& arg) {
    return arg.type.interval == IntervalKind::kCalendar;
  });
  const bool compares = name == "nullif" || name == "equal_null";
  const auto made = [](Result<Expression> result) -> Result<std::optional<Expression>> {
    if (!result) return std::unexpected(result.error());
    return std::optional(*std::move(result));
  };
  if (std::ranges::find(kOrdered, name) != kOrdered.end() && !has_calendar) {
    return std::optional<Expression>();
  }
  if (std::ranges::find(kOfAnyType, name) != kOfAnyType.end() && !(has_calendar && compares)) {
    return std::optional<Expression>();
  }
  const std::size_t count = call.args.size();
  if ((name == "date_part" || name == "datepart") && count == 2) return made(Part(call));
  if ((name == "abs" || name == "sign" || name == "signum") && count == 1) {
    return made(OfSize(call));
  }
  if (name == "negative" && count == 1) return made(NegatedInterval(call.args[0]));
  if (name == "positive" && count == 1) return std::optional(call.args[0]);
  if ((name == "try_add" || name == "try_subtract" || name == "try_multiply" ||
       name == "try_divide") &&
      count == 2) {
    return made(Try(call));
  }
  if (name == "sequence" && count == 3) return std::optional<Expression>();
  return call.Wrong(
      call.expr.position,
      fmt::format("{} takes no interval here; write CAST(… AS STRING) for its text", name));
}

}  // namespace st::dialect::spark
