#include "worker/spark/interval_functions.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spark_values/calendar.h"
#include "spark_values/interval.h"
#include "spark_values/limits.h"
#include "spark_values/time.h"
#include "worker/spark/adapt.h"

namespace st::worker::spark {
namespace {

namespace values = spark_values;
using std::int32_t;
using std::int64_t;
using std::string_view;
using values::CalendarInterval;
using values::Date;
using values::IntervalField;
using values::IntervalRange;
using values::Timestamp;
using values::TimeUnit;

IntervalRange RangeOf(int32_t first, int32_t last) {
  return {.first = static_cast<IntervalField>(first), .last = static_cast<IntervalField>(last)};
}

template <typename T>
std::optional<T> OrNull(const Result<T>& value) {
  return value ? std::optional(*value) : std::nullopt;
}

Result<int32_t> TextToMonths(string_view text, int32_t first, int32_t last) {
  const auto range = RangeOf(first, last);
  return values::YearMonthOfText(values::InsideLiteral(text, range), range);
}
std::optional<int32_t> TryTextToMonths(string_view text, int32_t first, int32_t last) {
  return OrNull(TextToMonths(text, first, last));
}
Result<int64_t> TextToMicros(string_view text, int32_t first, int32_t last) {
  const auto range = RangeOf(first, last);
  return values::DayTimeOfText(values::InsideLiteral(text, range), range);
}
std::optional<int64_t> TryTextToMicros(string_view text, int32_t first, int32_t last) {
  return OrNull(TextToMicros(text, first, last));
}
std::string MonthsToText(int32_t months, int32_t first, int32_t last) {
  return values::YearMonthText(months, RangeOf(first, last));
}
std::string MicrosToText(int64_t micros, int32_t first, int32_t last) {
  return values::DayTimeText(micros, RangeOf(first, last));
}

Result<CalendarInterval> MakeInterval(int32_t years, int32_t months, int32_t weeks, int32_t days,
                                      int32_t hours, int32_t minutes, int64_t second_micros) {
  return values::MakeInterval({.years = years,
                               .months = months,
                               .weeks = weeks,
                               .days = days,
                               .hours = hours,
                               .minutes = minutes,
                               .second_micros = second_micros});
}
std::optional<CalendarInterval> TryMakeInterval(int32_t years, int32_t months, int32_t weeks,
                                                int32_t days, int32_t hours, int32_t minutes,
                                                int64_t second_micros) {
  return OrNull(MakeInterval(years, months, weeks, days, hours, minutes, second_micros));
}
Result<int64_t> MakeDayTime(int32_t days, int32_t hours, int32_t minutes, int64_t second_micros) {
  return values::MakeDayTime(
      {.days = days, .hours = hours, .minutes = minutes, .second_micros = second_micros});
}

Result<CalendarInterval> Negate(CalendarInterval interval) {
  return values::Minus(CalendarInterval(), interval);
}
Result<CalendarInterval> Add(CalendarInterval a, CalendarInterval b) { return values::Plus(a, b); }
Result<CalendarInterval> Subtract(CalendarInterval a, CalendarInterval b) {
  return values::Minus(a, b);
}
Result<CalendarInterval> Multiply(CalendarInterval interval, double factor) {
  return values::Times(interval, factor);
}
Result<CalendarInterval> Divide(CalendarInterval interval, double divisor) {
  return values::DividedBy(interval, divisor);
}
Result<int64_t> DivideWhole(int64_t length, int64_t divisor) {
  return values::DividedBy(length, divisor);
}

std::string ToText(CalendarInterval interval) { return values::CalendarText(interval); }

int64_t PartOf(CalendarInterval interval, int32_t field) {
  constexpr int64_t kMinute = 60 * values::kMicrosOfSecond;
  constexpr int64_t kHour = 60 * kMinute;
  switch (static_cast<IntervalField>(field)) {
    case IntervalField::kYear:
      return interval.months / 12;
    case IntervalField::kMonth:
      return interval.months % 12;
    case IntervalField::kDay:
      return interval.days;
    case IntervalField::kHour:
      return interval.micros / kHour;
    case IntervalField::kMinute:
      return interval.micros % kHour / kMinute;
    case IntervalField::kSecond:
      return interval.micros % kMinute;
  }
  return 0;
}

Result<Timestamp> TimePlus(Timestamp time, CalendarInterval interval) {
  ST_TRY(const auto by_months, values::TimestampAdd(TimeUnit::kMonth, interval.months, time));
  ST_TRY(const auto by_days, values::TimestampAdd(TimeUnit::kDay, interval.days, by_months));
  return values::TimestampAdd(TimeUnit::kMicrosecond, interval.micros, by_days);
}

Result<Date> DatePlus(Date date, CalendarInterval interval) {
  if (interval.micros != 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "[INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION] a date is added to an interval of "
                "hours or seconds; cast it to TIMESTAMP");
  }
  ST_TRY(const auto by_months, values::AddMonths(date, interval.months));
  Date made;
  if (__builtin_add_overflow(by_months.days, interval.days, &made.days)) {
    return Fail(ErrorCode::kInvalidArgument, "[ARITHMETIC_OVERFLOW] the date is out of range");
  }
  return made;
}

std::unexpected<Error> NoEnd() {
  return Fail(ErrorCode::kInvalidArgument,
              "[INVALID_PARAMETER_VALUE] a sequence of times by such a step has no end");
}

// The times from `start` on that are not behind `stop`; each is the start and some steps.
Result<std::vector<Timestamp>> SequenceOfTimes(Timestamp start, Timestamp stop, int64_t months,
                                               int64_t micros) {
  const int64_t step = months != 0 ? months : micros;
  if (step == 0 && start != stop) return NoEnd();
  if (step != 0 && start != stop && (step > 0) != (start < stop)) return NoEnd();
  std::vector<Timestamp> times = {start};
  while (step != 0 && start != stop) {
    const auto count = static_cast<int64_t>(times.size());
    if (count >= values::kMaxMadeElements) {
      return Fail(ErrorCode::kInvalidArgument, "an array of more than {} elements",
                  values::kMaxMadeElements);
    }
    int64_t length = 0;
    if (__builtin_mul_overflow(step, count, &length)) break;
    const auto next = values::TimestampAdd(months != 0 ? TimeUnit::kMonth : TimeUnit::kMicrosecond,
                                           length, start);
    if (!next || (step > 0 ? *next > stop : *next < stop)) break;
    times.push_back(*next);
  }
  return times;
}

}  // namespace

std::vector<sql::ScalarFunction> IntervalFunctions() {
  return {
      Adapt<TextToMonths>("spark_text_to_months"),
      Adapt<TryTextToMonths>("spark_try_text_to_months"),
      Adapt<TextToMicros>("spark_text_to_micros"),
      Adapt<TryTextToMicros>("spark_try_text_to_micros"),
      Adapt<MonthsToText>("spark_months_to_text"),
      Adapt<MicrosToText>("spark_micros_to_text"),
      Adapt<MakeInterval>("spark_make_interval"),
      Adapt<TryMakeInterval>("spark_try_make_interval"),
      Adapt<MakeDayTime>("spark_make_dt_interval"),
      Adapt<Negate>("spark_negate_interval"),
      Adapt<Add>("spark_add_intervals"),
      Adapt<Subtract>("spark_subtract_intervals"),
      Adapt<Multiply>("spark_multiply_interval"),
      Adapt<Divide>("spark_divide_interval"),
      Adapt<ToText>("spark_interval_to_text"),
      Adapt<PartOf>("spark_interval_part"),
      Adapt<TimePlus>("spark_time_plus_interval"),
      Adapt<DatePlus>("spark_date_plus_interval"),
      Adapt<values::TimesDouble>("spark_multiply_length"),
      Adapt<values::DividedByDouble>("spark_divide_length"),
      Adapt<DivideWhole>("spark_divide_whole"),
      Adapt<SequenceOfTimes>("spark_sequence_times"),
  };
}

}  // namespace st::worker::spark
