// Days, months and times of the proleptic Gregorian calendar in UTC. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "spark_values/values.h"

namespace st::spark_values {

inline constexpr std::int64_t kMicrosOfSecond = 1'000'000;
inline constexpr std::int64_t kMicrosOfDay = 86'400 * kMicrosOfSecond;

// A day, and the time since its begin.
struct LocalTime {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  std::int64_t micros = 0;
  int hour() const { return static_cast<int>(micros / (3600 * kMicrosOfSecond)); }
  int minute() const { return static_cast<int>(micros / (60 * kMicrosOfSecond) % 60); }
  int second() const { return static_cast<int>(micros / kMicrosOfSecond % 60); }
  std::int64_t fraction() const { return micros % kMicrosOfSecond; }
};

LocalTime LocalTimeOf(Date date);
LocalTime LocalTimeOf(Timestamp time);
// nullopt: there is no such day, or it is not in the range of the type.
std::optional<Date> DateOf(std::int64_t year, std::int64_t month, std::int64_t day);
std::optional<Timestamp> TimestampOf(Date date, std::int64_t micros_of_day);

int DaysOfMonth(std::int64_t year, int month);
int DayOfYear(const LocalTime& time);
int DayOfWeek(Date date);  // Monday is 1
Date DateOfTimestamp(Timestamp time);

// The day of `months` later, or the last one of that month. nullopt: out of range.
std::optional<Date> PlusMonths(Date date, std::int64_t months);

}  // namespace st::spark_values
