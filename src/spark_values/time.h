// Spark's functions of dates and times, for which DuckDB has none of the same meaning. Pure.
//
// Errors: kInvalidArgument with Spark's error class.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spark_values/values.h"

namespace st::spark_values {

Result<Date> AddMonths(Date date, std::int32_t months);
double MonthsBetween(Timestamp end, Timestamp start, bool is_rounded);
Date LastDay(Date date);
// The next day of that name ("MO", "Mon", "monday").
Result<Date> NextDay(Date date, std::string_view name);
std::string DayName(Date date);    // "Mon"
std::string MonthName(Date date);  // "Jan"

// The units of date_trunc, trunc, timestampadd and timestampdiff.
enum class TimeUnit {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
};
// Names of date_trunc ("YEAR", "yyyy", "mon" …); nullopt: another one.
std::optional<TimeUnit> TruncUnitOf(std::string_view name);
// Names of timestampadd and timestampdiff.
std::optional<TimeUnit> AddUnitOf(std::string_view name);
// nullopt for units below a week.
std::optional<Date> TruncDate(Date date, TimeUnit unit);
Timestamp TruncTime(Timestamp time, TimeUnit unit);
Result<Timestamp> TimestampAdd(TimeUnit unit, std::int64_t count, Timestamp time);
std::int64_t TimestampDiff(TimeUnit unit, Timestamp start, Timestamp end);  // whole ones

Result<Date> MakeDate(std::int32_t year, std::int32_t month, std::int32_t day);
struct TimeParts {
  std::int32_t year;
  std::int32_t month;
  std::int32_t day;
  std::int32_t hour;
  std::int32_t minute;
  std::int64_t second_micros;
};
Result<Timestamp> MakeTimestamp(const TimeParts& parts);

}  // namespace st::spark_values
