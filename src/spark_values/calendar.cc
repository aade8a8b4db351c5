#include "spark_values/calendar.h"

#include <algorithm>
#include <array>
#include <limits>

namespace st::spark_values {
namespace {

constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

bool IsLeap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::int64_t DivideDown(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Days since 1970-01-01, counted in eras of 400 years that begin in March.
std::int64_t DaysFromCivil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = DivideDown(year, 400);
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

}  // namespace

int DaysOfMonth(std::int64_t year, int month) {
  return month == 2 && IsLeap(year) ? 29 : kDays.at(static_cast<std::size_t>(month - 1));
}

LocalTime LocalTimeOf(Date date) {
  const std::int64_t days = std::int64_t{date.days} + 719468;
  const std::int64_t era = DivideDown(days, 146097);
  const std::int64_t of_era = days - era * 146097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::int64_t month = (5 * of_year + 2) / 153;
  LocalTime out;
  out.day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
  out.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  out.year = year + era * 400 + (out.month <= 2 ? 1 : 0);
  return out;
}

Date DateOfTimestamp(Timestamp time) {
  return {static_cast<std::int32_t>(DivideDown(time.micros, kMicrosOfDay))};
}

LocalTime LocalTimeOf(Timestamp time) {
  const Date date = DateOfTimestamp(time);
  LocalTime out = LocalTimeOf(date);
  out.micros = time.micros - std::int64_t{date.days} * kMicrosOfDay;
  return out;
}

std::optional<Date> DateOf(std::int64_t year, std::int64_t month, std::int64_t day) {
  constexpr std::int64_t kMostYear = 5'000'000;
  if (year < -kMostYear || year > kMostYear || month < 1 || month > 12 || day < 1) {
    return std::nullopt;
  }
  if (day > DaysOfMonth(year, static_cast<int>(month))) return std::nullopt;
  return Date{static_cast<std::int32_t>(
      DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day)))};
}

std::optional<Timestamp> TimestampOf(Date date, std::int64_t micros_of_day) {
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(std::int64_t{date.days}, kMicrosOfDay, &micros) ||
      __builtin_add_overflow(micros, micros_of_day, &micros)) {
    return std::nullopt;
  }
  return Timestamp{micros};
}

int DayOfYear(const LocalTime& time) {
  return static_cast<int>(DaysFromCivil(time.year, time.month, time.day) -
                          DaysFromCivil(time.year, 1, 1)) +
         1;
}

int DayOfWeek(Date date) {
  const std::int64_t days = std::int64_t{date.days} + 3;  // 1970-01-01 is a Thursday
  return static_cast<int>(days - DivideDown(days, 7) * 7) + 1;
}

std::optional<Date> PlusMonths(Date date, std::int64_t months) {
  const LocalTime from = LocalTimeOf(date);
  const std::int64_t count = from.year * 12 + (from.month - 1) + months;
  const std::int64_t year = DivideDown(count, 12);
  const auto month = static_cast<int>(count - year * 12) + 1;
  if (year < -5'000'000 || year > 5'000'000) return std::nullopt;
  return DateOf(year, month, std::min(from.day, DaysOfMonth(year, month)));
}

}  // namespace st::spark_values
