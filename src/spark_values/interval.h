// Spark's intervals: of years and months (an int32 of months), of days and seconds (an int64 of
// microseconds), and those of make_interval, which have all three parts. Pure.
//
// Errors: kInvalidArgument with Spark's error class: a text that is none, a number out of range.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace st::spark_values {

enum class IntervalField { kYear, kMonth, kDay, kHour, kMinute, kSecond };
// "day", "DAYS"; nullopt: another word.
std::optional<IntervalField> IntervalFieldOf(std::string_view name);
bool IsIntervalUnit(std::string_view name);    // also weeks and parts of seconds
std::string_view NameOf(IntervalField field);  // "DAY"

struct IntervalRange {
  IntervalField first = IntervalField::kDay;
  IntervalField last = IntervalField::kSecond;
  friend bool operator==(const IntervalRange&, const IntervalRange&) = default;
};
std::string NameOf(IntervalRange range);  // "DAY TO SECOND", "DAY"

struct CalendarInterval {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t micros = 0;
  friend bool operator==(const CalendarInterval&, const CalendarInterval&) = default;
};

// The text of INTERVAL '1-2' YEAR TO MONTH, or '2' of one field.
Result<std::int32_t> YearMonthOfText(std::string_view text, IntervalRange range);
// The text of INTERVAL '1 02:03:04.5' DAY TO SECOND, or '2' of one field.
Result<std::int64_t> DayTimeOfText(std::string_view text, IntervalRange range);
// The same of a text that is cast, which may be a whole literal: "INTERVAL '1' DAY".
std::string_view InsideLiteral(std::string_view text, IntervalRange range);

// A sum of numbers with units, "1" and "day", and the fields that they are of.
struct UnitsInterval {
  CalendarInterval value;
  std::int64_t days = 0;  // of the microseconds of `value`, those of days and weeks
  IntervalRange range;
  bool is_year_month = false;
};
struct IntervalUnit {
  std::string number;
  std::string unit;
};
Result<UnitsInterval> IntervalOfUnits(const std::vector<IntervalUnit>& units);
// "1 day 2 hours", perhaps with "interval" in front.
Result<UnitsInterval> IntervalOfText(std::string_view text);

// CAST AS STRING.
std::string YearMonthText(std::int32_t months, IntervalRange range);
std::string DayTimeText(std::int64_t micros, IntervalRange range);
std::string CalendarText(const CalendarInterval& interval);

// The product or quotient, rounded half away from zero.
Result<std::int64_t> TimesDouble(std::int64_t value, double factor);
Result<std::int64_t> DividedBy(std::int64_t value, std::int64_t divisor);
Result<std::int64_t> DividedByDouble(std::int64_t value, double divisor);

struct IntervalParts {
  std::int64_t years = 0;
  std::int64_t months = 0;
  std::int64_t weeks = 0;
  std::int64_t days = 0;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t second_micros = 0;
};
Result<CalendarInterval> MakeInterval(const IntervalParts& parts);
Result<std::int64_t> MakeDayTime(const IntervalParts& parts);
Result<CalendarInterval> Plus(const CalendarInterval& a, const CalendarInterval& b);
Result<CalendarInterval> Minus(const CalendarInterval& a, const CalendarInterval& b);
// Parts of a month are dropped; those of a day become hours.
Result<CalendarInterval> Times(const CalendarInterval& interval, double factor);
Result<CalendarInterval> DividedBy(const CalendarInterval& interval, double divisor);

}  // namespace st::spark_values
