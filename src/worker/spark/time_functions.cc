#include "worker/spark/time_functions.h"

#include <optional>
#include <string_view>

#include "spark_values/calendar.h"
#include "spark_values/time.h"
#include "spark_values/time_format.h"
#include "worker/spark/adapt.h"

namespace st::worker::spark {
namespace {

namespace values = spark_values;
using std::int32_t;
using std::int64_t;
using std::string_view;
using values::Date;
using values::Timestamp;
using values::TimeUnit;

std::optional<Date> Trunc(Date date, string_view unit) {
  const auto known = values::TruncUnitOf(unit);
  return known ? values::TruncDate(date, *known) : std::nullopt;
}
std::optional<Timestamp> DateTrunc(string_view unit, Timestamp time) {
  const auto known = values::TruncUnitOf(unit);
  return known ? std::optional(values::TruncTime(time, *known)) : std::nullopt;
}
Result<Timestamp> TimestampAdd(string_view unit, int64_t count, Timestamp time) {
  return values::TimestampAdd(values::AddUnitOf(unit).value_or(TimeUnit::kDay), count, time);
}
int64_t TimestampDiff(string_view unit, Timestamp start, Timestamp end) {
  return values::TimestampDiff(values::AddUnitOf(unit).value_or(TimeUnit::kDay), start, end);
}

Result<Timestamp> MakeTimestamp(int32_t year, int32_t month, int32_t day, int32_t hour,
                                int32_t minute, int64_t second_micros) {
  return values::MakeTimestamp({.year = year,
                                .month = month,
                                .day = day,
                                .hour = hour,
                                .minute = minute,
                                .second_micros = second_micros});
}

std::optional<Timestamp> TryMakeTimestamp(int32_t year, int32_t month, int32_t day, int32_t hour,
                                          int32_t minute, int64_t second_micros) {
  const auto made = MakeTimestamp(year, month, day, hour, minute, second_micros);
  return made ? std::optional(*made) : std::nullopt;
}

std::optional<Timestamp> TryParseTime(values::TimeFormatCache& cache, string_view text,
                                      string_view pattern) {
  const auto time = values::ParseTime(cache, text, pattern);
  return time ? std::optional(*time) : std::nullopt;
}

int32_t UnixDate(Date date) { return date.days; }
Date DateFromUnixDate(int32_t days) { return {days}; }

}  // namespace

std::vector<sql::ScalarFunction> TimeFunctions() {
  return {
      Adapt<values::AddMonths>("spark_add_months"),
      Adapt<values::MonthsBetween>("spark_months_between"),
      Adapt<values::LastDay>("spark_last_day"),
      Adapt<values::NextDay>("spark_next_day"),
      Adapt<values::DayName>("spark_dayname"),
      Adapt<values::MonthName>("spark_monthname"),
      Adapt<Trunc>("spark_trunc"),
      Adapt<DateTrunc>("spark_date_trunc"),
      Adapt<TimestampAdd>("spark_timestampadd"),
      Adapt<TimestampDiff>("spark_timestampdiff"),
      Adapt<values::MakeDate>("spark_make_date"),
      Adapt<MakeTimestamp>("spark_make_timestamp"),
      Adapt<TryMakeTimestamp>("spark_try_make_timestamp"),
      Adapt<values::FormatTime>("spark_date_format"),
      Adapt<values::ParseTime>("spark_parse_time"),
      Adapt<TryParseTime>("spark_try_parse_time"),
      Adapt<UnixDate>("spark_unix_date"),
      Adapt<DateFromUnixDate>("spark_date_from_unix_date"),
  };
}

}  // namespace st::worker::spark
