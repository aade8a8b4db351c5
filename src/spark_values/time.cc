#include "spark_values/time.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "spark_values/calendar.h"

namespace st::spark_values {
namespace {

std::unexpected<Error> OutOfRange(std::string_view what) {
  return Fail(ErrorCode::kInvalidArgument, "[DATETIME_FIELD_OUT_OF_BOUNDS] {}", what);
}

std::int64_t DivideDown(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> kLongDays = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::int64_t MicrosOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMicrosecond:
      return 1;
    case TimeUnit::kMillisecond:
      return 1000;
    case TimeUnit::kSecond:
      return kMicrosOfSecond;
    case TimeUnit::kMinute:
      return 60 * kMicrosOfSecond;
    case TimeUnit::kHour:
      return 3600 * kMicrosOfSecond;
    case TimeUnit::kWeek:
      return 7 * kMicrosOfDay;
    default:
      return kMicrosOfDay;
  }
}

std::int64_t MonthsOf(TimeUnit unit) {
  return unit == TimeUnit::kYear ? 12 : unit == TimeUnit::kQuarter ? 3 : 1;
}

bool IsOfMonths(TimeUnit unit) {
  return unit == TimeUnit::kMonth || unit == TimeUnit::kQuarter || unit == TimeUnit::kYear;
}

// Whole months from `start` to `end`, as java.time counts them.
std::int64_t MonthsFrom(const LocalTime& start, LocalTime end) {
  const auto packed = [](const LocalTime& t) { return (t.year * 12 + t.month - 1) * 32 + t.day; };
  const bool is_later = packed(end) > packed(start);
  const bool is_earlier = packed(end) < packed(start);
  std::int64_t day = packed(end);
  if (is_later && end.micros < start.micros) {
    const auto date = DateOf(end.year, end.month, end.day);
    day = packed(LocalTimeOf(Date{date->days - 1}));
  } else if (is_earlier && end.micros > start.micros) {
    const auto date = DateOf(end.year, end.month, end.day);
    day = packed(LocalTimeOf(Date{date->days + 1}));
  }
  return (day - packed(start)) / 32;
}

}  // namespace

Result<Date> AddMonths(Date date, std::int32_t months) {
  const auto moved = PlusMonths(date, months);
  if (!moved) return OutOfRange("add_months: the date is out of range");
  return *moved;
}

double MonthsBetween(Timestamp end, Timestamp start, bool is_rounded) {
  const LocalTime a = LocalTimeOf(end);
  const LocalTime b = LocalTimeOf(start);
  const auto months = static_cast<double>((a.year * 12 + a.month) - (b.year * 12 + b.month));
  const bool are_last =
      a.day == DaysOfMonth(a.year, a.month) && b.day == DaysOfMonth(b.year, b.month);
  if (a.day == b.day || are_last) return months;
  constexpr std::int64_t kSecondsOfDay = 86'400;
  const std::int64_t seconds =
      (a.day - b.day) * kSecondsOfDay + a.micros / kMicrosOfSecond - b.micros / kMicrosOfSecond;
  const double made =
      months + static_cast<double>(seconds) / static_cast<double>(31 * kSecondsOfDay);
  return is_rounded ? std::floor(made * 1e8 + 0.5) / 1e8 : made;
}

Date LastDay(Date date) {
  const LocalTime time = LocalTimeOf(date);
  return {date.days + DaysOfMonth(time.year, time.month) - time.day};
}

Result<Date> NextDay(Date date, std::string_view name) {
  const std::string wanted = AsciiLower(name);
  for (std::size_t i = 0; i < kLongDays.size(); ++i) {
    const std::string_view day = kLongDays.at(i);
    if (wanted != day && wanted != day.substr(0, 3) && wanted != day.substr(0, 2)) continue;
    const int distance = (static_cast<int>(i) + 1 - DayOfWeek(date) + 7) % 7;
    return Date{date.days + (distance == 0 ? 7 : distance)};
  }
  return Fail(ErrorCode::kInvalidArgument, "[ILLEGAL_DAY_OF_WEEK] '{}' is no day of the week",
              name.substr(0, 100));
}

std::string DayName(Date date) {
  return std::string(kDays.at(static_cast<std::size_t>(DayOfWeek(date) - 1)));
}
std::string MonthName(Date date) {
  return std::string(kMonths.at(static_cast<std::size_t>(LocalTimeOf(date).month - 1)));
}

std::optional<TimeUnit> TruncUnitOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, TimeUnit>, 15> kNames = {
      {{"microsecond", TimeUnit::kMicrosecond},
       {"millisecond", TimeUnit::kMillisecond},
       {"second", TimeUnit::kSecond},
       {"minute", TimeUnit::kMinute},
       {"hour", TimeUnit::kHour},
       {"day", TimeUnit::kDay},
       {"dd", TimeUnit::kDay},
       {"week", TimeUnit::kWeek},
       {"month", TimeUnit::kMonth},
       {"mon", TimeUnit::kMonth},
       {"mm", TimeUnit::kMonth},
       {"quarter", TimeUnit::kQuarter},
       {"year", TimeUnit::kYear},
       {"yyyy", TimeUnit::kYear},
       {"yy", TimeUnit::kYear}}};
  for (const auto& [known, unit] : kNames) {
    if (EqualsIgnoreCase(known, name)) return unit;
  }
  return std::nullopt;
}

std::optional<TimeUnit> AddUnitOf(std::string_view name) {
  if (EqualsIgnoreCase(name, "dayofyear")) return TimeUnit::kDay;
  const auto unit = TruncUnitOf(name);
  const bool is_short = name.size() <= 4 && !EqualsIgnoreCase(name, "day") &&
                        !EqualsIgnoreCase(name, "hour") && !EqualsIgnoreCase(name, "week") &&
                        !EqualsIgnoreCase(name, "year");
  return is_short ? std::nullopt : unit;
}

std::optional<Date> TruncDate(Date date, TimeUnit unit) {
  if (unit == TimeUnit::kWeek) return Date{date.days - (DayOfWeek(date) - 1)};
  if (!IsOfMonths(unit)) return std::nullopt;
  const LocalTime time = LocalTimeOf(date);
  const auto months = static_cast<int>(MonthsOf(unit));
  return DateOf(time.year, (time.month - 1) / months * months + 1, 1);
}

Timestamp TruncTime(Timestamp time, TimeUnit unit) {
  if (unit == TimeUnit::kWeek || IsOfMonths(unit)) {
    const Date date = DateOfTimestamp(time);
    return {std::int64_t{TruncDate(date, unit).value_or(date).days} * kMicrosOfDay};
  }
  const std::int64_t micros = MicrosOf(unit);
  return {DivideDown(time.micros, micros) * micros};
}

Result<Timestamp> TimestampAdd(TimeUnit unit, std::int64_t count, Timestamp time) {
  const auto overflow = [] {
    return Fail(ErrorCode::kInvalidArgument, "[DATETIME_OVERFLOW] the time is out of range");
  };
  if (IsOfMonths(unit)) {
    const Date date = DateOfTimestamp(time);
    if (count < INT32_MIN || count > INT32_MAX) return overflow();
    const auto moved = PlusMonths(date, count * MonthsOf(unit));
    if (!moved) return overflow();
    const auto made = TimestampOf(*moved, LocalTimeOf(time).micros);
    if (!made) return overflow();
    return *made;
  }
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(count, MicrosOf(unit), &micros) ||
      __builtin_add_overflow(micros, time.micros, &micros)) {
    return overflow();
  }
  return Timestamp{micros};
}

std::int64_t TimestampDiff(TimeUnit unit, Timestamp start, Timestamp end) {
  if (IsOfMonths(unit)) return MonthsFrom(LocalTimeOf(start), LocalTimeOf(end)) / MonthsOf(unit);
  return (end.micros - start.micros) / MicrosOf(unit);
}

Result<Date> MakeDate(std::int32_t year, std::int32_t month, std::int32_t day) {
  const auto date = DateOf(year, month, day);
  if (!date) return OutOfRange(fmt::format("there is no date {}-{}-{}", year, month, day));
  return *date;
}

Result<Timestamp> MakeTimestamp(const TimeParts& parts) {
  const auto date = DateOf(parts.year, parts.month, parts.day);
  const bool is_leap_second = parts.second_micros == 60 * kMicrosOfSecond;
  if (!date || parts.hour < 0 || parts.hour > 23 || parts.minute < 0 || parts.minute > 59 ||
      parts.second_micros < 0 || (parts.second_micros >= 60 * kMicrosOfSecond && !is_leap_second)) {
    return OutOfRange("make_timestamp: there is no such time");
  }
  const std::int64_t seconds = std::int64_t{parts.hour} * 3600 + parts.minute * 60;
  const auto time = TimestampOf(*date, seconds * kMicrosOfSecond + parts.second_micros);
  if (!time) return OutOfRange("make_timestamp: the time is out of range");
  return *time;
}

}  // namespace st::spark_values
