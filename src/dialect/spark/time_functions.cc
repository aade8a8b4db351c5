#include "dialect/spark/time_functions.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "dialect/spark/arguments.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"
#include "spark_values/time.h"
#include "spark_values/time_format.h"
#include "spark_values/time_text.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;

constexpr std::string_view kUsualFormat = "yyyy-MM-dd HH:mm:ss";

Result<Expression> DateTrunc(Call& call) {
  ST_TRY(const auto written, TextLiteral(call, 0, "the unit"));
  ST_TRY(auto time, Argument(call, 1, kTimestampTz));
  if (!spark_values::TruncUnitOf(written)) {
    const std::vector<std::string> names = {"second", "minute", "hour",    "day",
                                            "week",   "month",  "quarter", "year"};
    const auto nearest = NearestName(AsciiLower(written), names);
    return call.Wrong(call.expr.args[0].position,
                      fmt::format("unit '{}' is not known{}", written,
                                  nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""));
  }
  return MakeCall("spark_date_trunc", {Expression::Text(written), std::move(time)}, kTimestampTz);
}

// The part of a local time that DuckDB's function of that name gives.
Expression Part(std::string_view name, Expression value) {
  const Expression one = Expression::Integer(1);
  Expression part = MakeCall(name == "weekday"      ? "isodow"
                             : name == "dayofmonth" ? "day"
                                                    : name,
                             {std::move(value)}, kLong);
  if (name == "dayofweek") part = Expression::Apply(Operator::kAdd, {part, one});     // Sunday is 1
  if (name == "weekday") part = Expression::Apply(Operator::kSubtract, {part, one});  // Monday is 0
  return AsInt(std::move(part));
}

// The seconds of the minute with their fraction, DECIMAL(8,6).
Expression SecondsOf(const Expression& time) {
  const Type micros{.kind = kDecimal, .precision = 8, .scale = 0};
  const Type seconds{.kind = kDecimal, .precision = 8, .scale = 6};
  const Expression minute = Expression::Integer(60'000'000);
  const Expression us = MakeCall("epoch_us", {time}, kLong);
  const Expression rest = Expression::Apply(
      Operator::kRemainder,
      {Expression::Apply(Operator::kAdd,
                         {Expression::Apply(Operator::kRemainder, {us, minute}), minute}),
       minute});
  return Expression::Cast(
      Expression::Apply(Operator::kMultiply,
                        {Expression::Cast(rest, micros),
                         Expression::Cast(Expression::Text("0.000001"),
                                          {.kind = kDecimal, .precision = 7, .scale = 6})}),
      seconds);
}

bool IsTime(const Expression& value) {
  return value.type.kind == kTimestampTz || value.type.kind == kTimestamp;
}

// Extracts a part of a date.
Result<Expression> DatePart(Call& call) {
  if (call.args[0].type.kind == kTimestamp) return Part(call.expr.text, call.args[0]);
  if (call.args[0].type.kind == kTimestampTz) {
    return Part(call.expr.text, InUtc(call.args[0], kTimestamp));
  }
  ST_TRY(auto date, Argument(call, 0, kDate));
  return Part(call.expr.text, std::move(date));
}

Result<Expression> TimePart(Call& call) {
  ST_TRY(const auto time, Argument(call, 0, kTimestampTz));
  return Part(call.expr.text, InUtc(time, kTimestamp));
}

// date_part('field', source), as extract(field FROM source).
Result<Expression> NamedPart(Call& call) {
  struct Name {
    std::string_view name;
    std::string_view part;
  };
  static constexpr std::array<Name, 38> kNames = {{
      {"year", "year"},
      {"y", "year"},
      {"years", "year"},
      {"yr", "year"},
      {"yrs", "year"},
      {"yearofweek", "isoyear"},
      {"quarter", "quarter"},
      {"qtr", "quarter"},
      {"month", "month"},
      {"mon", "month"},
      {"mons", "month"},
      {"months", "month"},
      {"week", "weekofyear"},
      {"w", "weekofyear"},
      {"weeks", "weekofyear"},
      {"day", "day"},
      {"d", "day"},
      {"days", "day"},
      {"dayofweek", "dayofweek"},
      {"dow", "dayofweek"},
      {"dayofweek_iso", "isodow"},
      {"dow_iso", "isodow"},
      {"doy", "dayofyear"},
      {"hour", "hour"},
      {"h", "hour"},
      {"hours", "hour"},
      {"hr", "hour"},
      {"hrs", "hour"},
      {"minute", "minute"},
      {"m", "minute"},
      {"min", "minute"},
      {"mins", "minute"},
      {"minutes", "minute"},
      {"second", "second"},
      {"s", "second"},
      {"sec", "second"},
      {"seconds", "second"},
      {"secs", "second"},
  }};
  ST_TRY(const auto field, TextLiteral(call, 0, "the field"));
  const std::string lower = AsciiLower(field);
  const auto* const found = std::ranges::find(kNames, lower, &Name::name);
  if (found == kNames.end() || lower.empty()) {
    return call.Wrong(call.expr.args[0].position, fmt::format("field '{}' is not known", field));
  }
  const bool is_of_time =
      found->part == "hour" || found->part == "minute" || found->part == "second";
  ST_TRY(const auto source, IsTime(call.args[1]) || call.args[1].type.kind == kDate
                                ? Result<Expression>(call.args[1])
                                : Argument(call, 1, kTimestampTz));
  const bool is_time = IsTime(source);
  if (!is_time && is_of_time) {
    return call.Wrong(call.expr.args[1].position, fmt::format("'{}' is taken of a TIMESTAMP{}",
                                                              field, is_of_time ? "" : " or DATE"));
  }
  if (found->part == "second") return SecondsOf(source);
  return Part(found->part, source.type.kind == kTimestampTz ? InUtc(source, kTimestamp) : source);
}

// Translates unix_seconds, unix_millis and unix_micros.
Result<Expression> UnixTime(Call& call) {
  if (call.args[0].type.kind == kTimestamp) return WrongType(call, 0, "TIMESTAMP");
  ST_TRY(auto time, Argument(call, 0, kTimestampTz));
  const Expression us = MakeCall("epoch_us", {std::move(time)}, kLong);
  const std::string& name = call.expr.text;
  if (name == "unix_micros") return us;
  return DivideDown(us, name == "unix_millis" ? 1000 : 1'000'000);
}

// Translates timestamp_seconds, timestamp_millis and timestamp_micros.
Result<Expression> TimestampFrom(Call& call) {
  ST_TRY(auto number, Argument(call, 0, kLong));
  const std::string& name = call.expr.text;
  const int factor = name == "timestamp_seconds"  ? 1'000'000
                     : name == "timestamp_millis" ? 1000
                                                  : 1;
  const Expression us =
      Expression::Apply(Operator::kMultiply, {std::move(number), Expression::Integer(factor)});
  return InUtc(MakeCall("make_timestamp", {us}, kTimestamp), kTimestampTz).CanFail();
}

// The constant format of the argument, checked.
Result<Expression> Format(const Call& call, std::size_t index, bool is_read) {
  ST_TRY(const auto pattern, TextLiteral(call, index, "the format"));
  const auto format = is_read ? spark_values::TimeFormat::ForReading(pattern)
                              : spark_values::TimeFormat::ForWriting(pattern);
  if (!format) return call.Wrong(call.expr.args[index].position, format.error().message());
  return Expression::Text(pattern);
}

// The text of the first argument read by the format, as TIMESTAMP.
Expression ReadTime(const Call& call, Expression text, Expression format, bool is_try) {
  return MakeCall(is_try ? "spark_try_parse_time" : "spark_parse_time",
                  {std::move(text), std::move(format)}, kTimestampTz)
      .CanFail(!is_try || AnyFails(call.args));
}

// Translates to_timestamp, to_date, date and timestamp, and the forms with try_.
Result<Expression> CastCall(Call& call) {
  const std::string& name = call.expr.text;
  const bool is_try = name.starts_with("try_");
  const bool is_local = name.ends_with("_ntz");
  const Type to{.kind = is_local                                   ? kTimestamp
                        : name.ends_with("date") || name == "date" ? kDate
                                                                   : kTimestampTz};
  Expression value = call.args[0];
  if (call.args.size() == 2) {
    if (value.type.kind == kString) {
      ST_TRY(auto format, Format(call, 1, true));
      if (is_local && call.expr.args[1].text.find_first_of("VzOXxZ") != std::string::npos) {
        return call.Wrong(call.expr.args[1].position,
                          fmt::format("the format of {} has no zone", name));
      }
      value = ReadTime(call, std::move(value), std::move(format), is_try);
    } else if (value.type.kind != kDate && !IsTime(value)) {
      return call.Wrong(call.expr.args[0].position, fmt::format("{} takes STRING here", name));
    }
  }
  auto cast = Cast(value, to, is_try);
  if (!cast) return call.Wrong(call.expr.position, cast.error().message());
  return cast;
}

Result<Expression> DateFormat(Call& call) {
  ST_TRY(auto time, Argument(call, 0, kTimestampTz));
  if (IsNullLiteral(call, 1)) return Expression::Cast(Expression::Null(), {.kind = kString});
  ST_TRY(auto format, Format(call, 1, false));
  return MakeCall("spark_date_format", {std::move(time), std::move(format)}, kString);
}

Result<Expression> FromUnixTime(Call& call) {
  ST_TRY(auto seconds, Argument(call, 0, kLong));
  Expression format = Expression::Text(kUsualFormat);
  if (call.args.size() == 2) {
    ST_TRY(format, Format(call, 1, false));
  }
  return MakeCall("spark_date_format",
                  {MakeCall("spark_seconds_to_timestamp", {std::move(seconds)}, kTimestampTz),
                   std::move(format)},
                  kString)
      .CanFail();
}

// unix_timestamp and to_unix_timestamp: a text is read by a format, and the seconds are rounded
// towards zero.
Result<Expression> UnixTimestamp(Call& call) {
  Expression time = call.args[0];
  if (time.type.kind == kString) {
    Expression format = Expression::Text(kUsualFormat);
    if (call.args.size() == 2) {
      ST_TRY(format, Format(call, 1, true));
    }
    time = ReadTime(call, std::move(time), std::move(format), false);
  }
  if (time.type.kind != kTimestampTz) {
    ST_TRY(time, Argument(call, 0, kTimestampTz));
  }
  return Expression::Apply(Operator::kDivideWhole, {MakeCall("epoch_us", {std::move(time)}, kLong),
                                                    Expression::Integer(1'000'000)})
      .InBrackets();
}

Result<Expression> MonthsBetween(Call& call) {
  ST_TRY(auto end, Argument(call, 0, kTimestampTz));
  ST_TRY(auto start, Argument(call, 1, kTimestampTz));
  Expression is_rounded = Expression::Boolean(true);
  if (call.args.size() == 3) {
    ST_TRY(is_rounded, Argument(call, 2, kBoolean));
  }
  return MakeCall("spark_months_between", {std::move(end), std::move(start), std::move(is_rounded)},
                  kDouble);
}

// The unit of timestampadd and the like, which the parser reads as a name.
Result<Expression> Unit(const Call& call) {
  const Expr& unit = call.expr.args[0];
  if (spark_values::AddUnitOf(unit.text)) return Expression::Text(AsciiLower(unit.text));
  return call.Wrong(unit.position, fmt::format("unit {} is not known", unit.text));
}

Result<Expression> TimestampAdd(Call& call) {
  ST_TRY(auto unit, Unit(call));
  ST_TRY(auto count, Argument(call, 1, kLong));
  ST_TRY(auto time, Argument(call, 2, kTimestampTz));
  Expression made = MakeCall("spark_timestampadd",
                             {std::move(unit), std::move(count), std::move(time)}, kTimestampTz)
                        .CanFail();
  return call.args[2].type.kind == kTimestamp ? InUtc(made, kTimestamp) : made;
}

Result<Expression> TimestampDiff(Call& call) {
  ST_TRY(auto unit, Unit(call));
  ST_TRY(auto start, Argument(call, 1, kTimestampTz));
  ST_TRY(auto end, Argument(call, 2, kTimestampTz));
  return MakeCall("spark_timestampdiff", {std::move(unit), std::move(start), std::move(end)},
                  kLong);
}

// The seconds east of UTC of a constant zone.
Result<int> Offset(const Call& call, std::size_t index) {
  ST_TRY(const auto zone, TextLiteral(call, index, "the time zone"));
  const auto offset = spark_values::OffsetOfText(zone);
  if (offset) return *offset;
  return call.Wrong(call.expr.args[index].position,
                    fmt::format("time zone '{}' is not supported; supported are UTC and offsets as "
                                "'+02:00'",
                                zone));
}

Expression Later(Expression time, int seconds) {
  return MakeCall("spark_timestampadd",
                  {Expression::Text("second"), Expression::Integer(seconds), std::move(time)},
                  kTimestampTz)
      .CanFail();
}

// Translates from_utc_timestamp and to_utc_timestamp, of a constant offset.
Result<Expression> MoveByZone(Call& call) {
  ST_TRY(auto time, Argument(call, 0, kTimestampTz));
  ST_TRY(const int offset, Offset(call, 1));
  return Later(std::move(time), call.expr.text == "from_utc_timestamp" ? offset : -offset);
}

// convert_timezone([from, ]to, time without a zone); without `from` it is that of the session.
Result<Expression> ConvertTimezone(Call& call) {
  const std::size_t last = call.args.size() - 1;
  ST_TRY(const int from, last == 2 ? Offset(call, 0) : Result<int>(0));
  ST_TRY(const int to, Offset(call, last - 1));
  ST_TRY(auto time, Argument(call, last, kTimestamp));
  return InUtc(Later(InUtc(time, kTimestampTz), to - from), kTimestamp);
}

// Translates make_timestamp, make_timestamp_ltz, make_timestamp_ntz and the forms with try_. The
// seconds are a DECIMAL(16,6).
Result<Expression> MakeTimestamp(Call& call) {
  const std::string& name = call.expr.text;
  const bool is_try = name.starts_with("try_");
  const bool is_local = name.ends_with("_ntz");
  std::vector<Expression> parts;
  for (std::size_t i = 0; i < 5; ++i) {
    ST_TRY(auto part, Argument(call, i, kInt));
    parts.push_back(std::move(part));
  }
  const Type exact{.kind = kDecimal, .precision = 16, .scale = 6};
  auto seconds = Cast(call.args[5], exact, false);
  if (!seconds || call.args[5].type.kind == kDouble) {
    return call.Wrong(call.expr.args[5].position, "the seconds are a whole number or a DECIMAL");
  }
  Expression micros =
      Expression::Apply(Operator::kMultiply, {*std::move(seconds), Expression::Integer(1'000'000)});
  parts.push_back(Expression::Cast(std::move(micros), {.kind = kLong}));
  Expression made = MakeCall(is_try ? "spark_try_make_timestamp" : "spark_make_timestamp",
                             std::move(parts), kTimestampTz)
                        .CanFail(!is_try || AnyFails(call.args));
  if (is_local) return InUtc(made, kTimestamp);
  if (call.args.size() < 7) return made;
  ST_TRY(const int offset, Offset(call, 6));
  return Later(std::move(made), -offset);
}

Result<Expression> DateAdd(Call& call) {
  if (call.args.size() == 3) return TimestampAdd(call);
  ST_TRY(auto date, Argument(call, 0, kDate));
  ST_TRY(auto days, Argument(call, 1, kInt));
  const Operator op = call.expr.text == "date_sub" ? Operator::kSubtract : Operator::kAdd;
  Expression made = Expression::Apply(op, {std::move(date), std::move(days)});
  made.type = {.kind = kDate};
  return std::move(made).InBrackets().CanFail();
}

Result<Expression> DateDiff(Call& call) {
  if (call.args.size() == 3) return TimestampDiff(call);
  ST_TRY(auto end, Argument(call, 0, kDate));
  ST_TRY(auto start, Argument(call, 1, kDate));
  return AsInt(
      MakeCall("date_diff", {Expression::Text("day"), std::move(start), std::move(end)}, kLong));
}

constexpr std::array kTimeFunctions = {
    Custom{"date_trunc", 2, 2, "date_trunc('unit', timestamp)", DateTrunc},
    Custom{"year", 1, 1, "year(date)", DatePart},
    Custom{"quarter", 1, 1, "quarter(date)", DatePart},
    Custom{"month", 1, 1, "month(date)", DatePart},
    Custom{"weekofyear", 1, 1, "weekofyear(date)", DatePart},
    Custom{"day", 1, 1, "day(date)", DatePart},
    Custom{"dayofmonth", 1, 1, "dayofmonth(date)", DatePart},
    Custom{"dayofweek", 1, 1, "dayofweek(date)", DatePart},
    Custom{"dayofyear", 1, 1, "dayofyear(date)", DatePart},
    Custom{"weekday", 1, 1, "weekday(date)", DatePart},
    Custom{"hour", 1, 1, "hour(timestamp)", TimePart},
    Custom{"minute", 1, 1, "minute(timestamp)", TimePart},
    Custom{"second", 1, 1, "second(timestamp)", TimePart},
    Custom{"date_part", 2, 2, "date_part('field', time)", NamedPart},
    Custom{"datepart", 2, 2, "datepart('field', time)", NamedPart},
    Custom{"unix_timestamp", 1, 2, "unix_timestamp(time[, format])", UnixTimestamp},
    Custom{"to_unix_timestamp", 1, 2, "to_unix_timestamp(time[, format])", UnixTimestamp},
    Custom{"unix_seconds", 1, 1, "unix_seconds(timestamp)", UnixTime},
    Custom{"unix_millis", 1, 1, "unix_millis(timestamp)", UnixTime},
    Custom{"unix_micros", 1, 1, "unix_micros(timestamp)", UnixTime},
    Custom{"timestamp_seconds", 1, 1, "timestamp_seconds(number)", TimestampFrom},
    Custom{"timestamp_millis", 1, 1, "timestamp_millis(number)", TimestampFrom},
    Custom{"timestamp_micros", 1, 1, "timestamp_micros(number)", TimestampFrom},
    Custom{"to_timestamp", 1, 2, "to_timestamp(text[, format])", CastCall},
    Custom{"to_timestamp_ltz", 1, 2, "to_timestamp_ltz(text[, format])", CastCall},
    Custom{"to_timestamp_ntz", 1, 2, "to_timestamp_ntz(text[, format])", CastCall},
    Custom{"try_to_timestamp", 1, 2, "try_to_timestamp(text[, format])", CastCall},
    Custom{"timestamp", 1, 1, "timestamp(text)", CastCall},
    Custom{"to_date", 1, 2, "to_date(value[, format])", CastCall},
    Custom{"try_to_date", 1, 2, "try_to_date(value[, format])", CastCall},
    Custom{"date", 1, 1, "date(value)", CastCall},
    Custom{"date_format", 2, 2, "date_format(time, format)", DateFormat},
    Custom{"from_unixtime", 1, 2, "from_unixtime(seconds[, format])", FromUnixTime},
    Custom{"months_between", 2, 3, "months_between(end, start[, rounded])", MonthsBetween},
    Custom{"timestampadd", 3, 3, "timestampadd(unit, count, time)", TimestampAdd},
    Custom{"timestampdiff", 3, 3, "timestampdiff(unit, start, end)", TimestampDiff},
    Custom{"from_utc_timestamp", 2, 2, "from_utc_timestamp(time, zone)", MoveByZone},
    Custom{"to_utc_timestamp", 2, 2, "to_utc_timestamp(time, zone)", MoveByZone},
    Custom{"convert_timezone", 2, 3, "convert_timezone([from, ]to, time)", ConvertTimezone},
    Custom{"make_timestamp", 6, 7, "make_timestamp(year, month, day, hour, minute, second[, zone])",
           MakeTimestamp},
    Custom{"make_timestamp_ltz", 6, 7,
           "make_timestamp_ltz(year, month, day, hour, minute, second[, zone])", MakeTimestamp},
    Custom{"make_timestamp_ntz", 6, 6, "make_timestamp_ntz(year, month, day, hour, minute, second)",
           MakeTimestamp},
    Custom{"try_make_timestamp", 6, 7,
           "try_make_timestamp(year, month, day, hour, minute, second[, zone])", MakeTimestamp},
    Custom{"try_make_timestamp_ltz", 6, 7,
           "try_make_timestamp_ltz(year, month, day, hour, minute, second[, zone])", MakeTimestamp},
    Custom{"try_make_timestamp_ntz", 6, 6,
           "try_make_timestamp_ntz(year, month, day, hour, minute, second)", MakeTimestamp},
    Custom{"date_add", 2, 3, "date_add(date, days) or date_add(unit, count, time)", DateAdd},
    Custom{"dateadd", 2, 3, "dateadd(date, days) or dateadd(unit, count, time)", DateAdd},
    Custom{"date_sub", 2, 2, "date_sub(date, days)", DateAdd},
    Custom{"datediff", 2, 3, "datediff(end, start) or datediff(unit, start, end)", DateDiff},
    Custom{"date_diff", 2, 3, "date_diff(end, start) or date_diff(unit, start, end)", DateDiff},
};

}  // namespace

std::span<const CustomFunction> TimeFunctions() { return kTimeFunctions; }

}  // namespace st::dialect::spark
