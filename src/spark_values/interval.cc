#include "spark_values/interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace st::spark_values {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kMonthsOfYear = 12;

using Wide = __int128;

std::unexpected<Error> WrongText(std::string_view text, IntervalRange range) {
  return Fail(ErrorCode::kInvalidArgument, "[INVALID_INTERVAL_FORMAT] '{}' is no interval of {}",
              text.substr(0, 100), NameOf(range));
}

std::unexpected<Error> Overflow() {
  return Fail(ErrorCode::kInvalidArgument,
              "[INTERVAL_ARITHMETIC_OVERFLOW] the interval is too long");
}

template <typename T>
Result<T> Narrow(Wide value) {
  if (value > std::numeric_limits<T>::max() || value < std::numeric_limits<T>::min()) {
    return Overflow();
  }
  return static_cast<T>(value);
}

std::int64_t MicrosOf(IntervalField field) {
  switch (field) {
    case IntervalField::kDay:
      return kDay;
    case IntervalField::kHour:
      return kHour;
    case IntervalField::kMinute:
      return kMinute;
    default:
      return kSecond;
  }
}

// Reads digits at the begin of a text; nullopt: none, or more than `most`.
std::optional<std::int64_t> TakeDigits(std::string_view& text, std::size_t most) {
  std::size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  if (count == 0 || count > most) return std::nullopt;
  const auto value = ParseInt64(text.substr(0, count));
  text.remove_prefix(count);
  return value;
}

bool TakeSign(std::string_view& text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  return is_negative;
}

// Behind the point of seconds, as microseconds; what is smaller is dropped.
std::optional<std::int64_t> TakeFraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  constexpr std::size_t kMost = 9;
  std::string digits;
  while (!text.empty() && IsDigit(text.front())) {
    digits += text.front();
    text.remove_prefix(1);
  }
  if (digits.empty() || digits.size() > kMost) return std::nullopt;
  digits.resize(6, '0');
  return ParseInt64(digits);
}

struct Unit {
  std::string_view name;
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t micros = 0;
  IntervalField field = IntervalField::kDay;
};
constexpr std::array kUnits = {
    Unit{"year", kMonthsOfYear, 0, 0, IntervalField::kYear},
    Unit{"month", 1, 0, 0, IntervalField::kMonth},
    Unit{"week", 0, 7, 0, IntervalField::kDay},
    Unit{"day", 0, 1, 0, IntervalField::kDay},
    Unit{"hour", 0, 0, kHour, IntervalField::kHour},
    Unit{"minute", 0, 0, kMinute, IntervalField::kMinute},
    Unit{"second", 0, 0, kSecond, IntervalField::kSecond},
    Unit{"millisecond", 0, 0, 1000, IntervalField::kSecond},
    Unit{"microsecond", 0, 0, 1, IntervalField::kSecond},
};

const Unit* UnitOf(std::string_view name) {
  std::string lower = AsciiLower(name);
  if (lower.ends_with('s')) lower.pop_back();
  const auto* const found = std::ranges::find(kUnits, lower, &Unit::name);
  return found == kUnits.end() ? nullptr : found;
}

// A number of one unit: whole, or with a fraction of seconds.
struct Amount {
  std::int64_t whole = 0;
  std::int64_t micros = 0;  // of the fraction
};
std::optional<Amount> AmountOf(std::string_view text, const Unit& unit) {
  constexpr std::size_t kMostDigits = 19;
  std::string_view rest = Trim(text);
  const bool is_negative = TakeSign(rest);
  rest = Trim(rest);
  const bool has_whole = !rest.starts_with('.');
  const auto whole = has_whole ? TakeDigits(rest, kMostDigits) : std::optional<std::int64_t>(0);
  if (!whole) return std::nullopt;
  if (!rest.empty() && unit.micros != kSecond) return std::nullopt;
  const auto fraction = rest == "." ? std::optional<std::int64_t>(0) : TakeFraction(rest);
  if (!fraction || (!rest.empty() && rest != ".")) return std::nullopt;
  return Amount{.whole = is_negative ? -*whole : *whole,
                .micros = is_negative ? -*fraction : *fraction};
}

void AppendUnit(std::string& out, std::int64_t value, std::string_view unit) {
  if (value == 0) return;
  out += fmt::format("{}{} {}", out.empty() ? "" : " ", value, unit);
}

// "4", "4.5": seconds without the zeros at the end.
std::string SecondsText(std::int64_t micros) {
  std::string text = fmt::format("{}", micros / kSecond);
  if (micros % kSecond == 0) return text;
  text += fmt::format(".{:06}", std::abs(micros % kSecond));
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

Result<std::int64_t> Rounded(double value) {
  const double rounded = std::round(value);
  constexpr double kEnd = 9223372036854775808.0;
  if (std::isnan(rounded) || rounded >= kEnd || rounded < -kEnd) return Overflow();
  return static_cast<std::int64_t>(rounded);
}

Result<CalendarInterval> OfDoubles(double months, double days, double micros) {
  constexpr double kEnd = 2147483648.0;
  if (!(std::abs(months) < kEnd) || !(std::abs(days) < kEnd)) return Overflow();
  CalendarInterval made{.months = static_cast<std::int32_t>(months),
                        .days = static_cast<std::int32_t>(days)};
  ST_TRY(made.micros, Rounded(micros + static_cast<double>(kDay) * (days - made.days)));
  return made;
}

std::unexpected<Error> DivisionByZero() {
  return Fail(ErrorCode::kInvalidArgument,
              "[INTERVAL_DIVIDED_BY_ZERO] an interval is divided by zero");
}

}  // namespace

std::optional<IntervalField> IntervalFieldOf(std::string_view name) {
  const Unit* unit = UnitOf(name);
  if (unit == nullptr || unit->days == 7 || (unit->micros > 0 && unit->micros < kSecond)) {
    return std::nullopt;
  }
  return unit->field;
}

bool IsIntervalUnit(std::string_view name) { return UnitOf(name) != nullptr; }

std::string_view NameOf(IntervalField field) {
  constexpr std::array<std::string_view, 6> kNames = {"YEAR", "MONTH",  "DAY",
                                                      "HOUR", "MINUTE", "SECOND"};
  return kNames.at(static_cast<std::size_t>(field));
}

std::string NameOf(IntervalRange range) {
  if (range.first == range.last) return std::string(NameOf(range.first));
  return fmt::format("{} TO {}", NameOf(range.first), NameOf(range.last));
}

Result<std::int32_t> YearMonthOfText(std::string_view text, IntervalRange range) {
  constexpr std::size_t kMostDigits = 10;
  std::string_view rest = Trim(text);
  const bool is_negative = TakeSign(rest);
  const auto first = TakeDigits(rest, kMostDigits);
  if (!first) return WrongText(text, range);
  std::int64_t months = *first * (range.first == IntervalField::kYear ? kMonthsOfYear : 1);
  if (range.first != range.last) {
    if (!rest.starts_with('-')) return WrongText(text, range);
    rest.remove_prefix(1);
    const auto second = TakeDigits(rest, 2);
    if (!second || *second >= kMonthsOfYear) return WrongText(text, range);
    months += *second;
  }
  if (!rest.empty()) return WrongText(text, range);
  return Narrow<std::int32_t>(is_negative ? -months : months);
}

Result<std::int64_t> DayTimeOfText(std::string_view text, IntervalRange range) {
  constexpr std::size_t kMostDigits = 18;
  constexpr std::array<std::int64_t, 6> kLimits = {0, 0, 0, 24, 60, 60};
  std::string_view rest = Trim(text);
  const bool is_negative = TakeSign(rest);
  Wide micros = 0;
  for (int i = static_cast<int>(range.first); i <= static_cast<int>(range.last); ++i) {
    const auto field = static_cast<IntervalField>(i);
    const bool is_first = field == range.first;
    if (!is_first) {
      if (!rest.starts_with(field == IntervalField::kHour ? ' ' : ':')) {
        return WrongText(text, range);
      }
      rest.remove_prefix(1);
    }
    const auto value = TakeDigits(rest, is_first ? kMostDigits : 2);
    if (!value || (!is_first && *value >= kLimits.at(static_cast<std::size_t>(i)))) {
      return WrongText(text, range);
    }
    micros += static_cast<Wide>(*value) * MicrosOf(field);
  }
  if (range.last == IntervalField::kSecond) {
    const auto fraction = TakeFraction(rest);
    if (!fraction) return WrongText(text, range);
    micros += *fraction;
  }
  if (!rest.empty()) return WrongText(text, range);
  return Narrow<std::int64_t>(is_negative ? -micros : micros);
}

std::string_view InsideLiteral(std::string_view text, IntervalRange range) {
  constexpr std::string_view kBegin = "interval";
  const std::string_view whole = Trim(text);
  const std::string name = NameOf(range);
  if (whole.size() < kBegin.size() + name.size() ||
      !EqualsIgnoreCase(whole.substr(0, kBegin.size()), kBegin) ||
      !EqualsIgnoreCase(whole.substr(whole.size() - name.size()), name)) {
    return text;
  }
  const std::string_view inside =
      Trim(whole.substr(kBegin.size(), whole.size() - kBegin.size() - name.size()));
  if (inside.size() < 2 || !inside.starts_with('\'') || !inside.ends_with('\'')) return text;
  return inside.substr(1, inside.size() - 2);
}

Result<UnitsInterval> IntervalOfUnits(const std::vector<IntervalUnit>& units) {
  Wide months = 0;
  Wide days = 0;
  Wide micros = 0;
  std::optional<IntervalRange> range;
  for (const auto& [number, name] : units) {
    const Unit* unit = UnitOf(name);
    if (unit == nullptr) {
      return Fail(ErrorCode::kInvalidArgument, "an interval has no unit {}", name);
    }
    const auto amount = AmountOf(number, *unit);
    if (!amount) {
      return Fail(ErrorCode::kInvalidArgument, "'{}' is no number of {} for an interval", number,
                  name);
    }
    months += static_cast<Wide>(amount->whole) * unit->months;
    days += static_cast<Wide>(amount->whole) * unit->days;
    micros += static_cast<Wide>(amount->whole) * unit->micros + amount->micros;
    if (!range) range = IntervalRange{.first = unit->field, .last = unit->field};
    range->first = std::min(range->first, unit->field);
    range->last = std::max(range->last, unit->field);
  }
  if (!range) return Fail(ErrorCode::kInvalidArgument, "an interval has a number and a unit");
  const bool is_year_month = range->first <= IntervalField::kMonth;
  if (is_year_month && range->last > IntervalField::kMonth) {
    return Fail(ErrorCode::kInvalidArgument,
                "an interval has years and months, or days and seconds, not both; Spark's "
                "make_interval makes one of both");
  }
  UnitsInterval made{.value = {}, .range = *range, .is_year_month = is_year_month};
  ST_TRY(made.days, Narrow<std::int32_t>(days));
  ST_TRY(made.value.months, Narrow<std::int32_t>(months));
  ST_TRY(made.value.micros, Narrow<std::int64_t>(days * kDay + micros));
  return made;
}

Result<UnitsInterval> IntervalOfText(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::string_view rest = Trim(text); !rest.empty();) {
    const auto end = std::min(rest.find_first_of(" \t\n\r"), rest.size());
    words.push_back(rest.substr(0, end));
    rest = Trim(rest.substr(end));
  }
  if (!words.empty() && EqualsIgnoreCase(words.front(), "interval")) words.erase(words.begin());
  if (words.size() % 2 != 0) {
    return Fail(ErrorCode::kInvalidArgument, "'{}' is no interval, as '1 day 2 hours' is", text);
  }
  std::vector<IntervalUnit> units;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    units.push_back({.number = std::string(words[i]), .unit = std::string(words[i + 1])});
  }
  return IntervalOfUnits(units);
}

std::string YearMonthText(std::int32_t months, IntervalRange range) {
  const std::int64_t all = std::abs(static_cast<std::int64_t>(months));
  const std::string_view sign = months < 0 ? "-" : "";
  std::string inside = fmt::format("{}{}", sign, all);
  if (range.first == IntervalField::kYear) {
    inside = fmt::format("{}{}", sign, all / kMonthsOfYear);
    if (range.last == IntervalField::kMonth) inside += fmt::format("-{}", all % kMonthsOfYear);
  }
  return fmt::format("INTERVAL '{}' {}", inside, NameOf(range));
}

std::string DayTimeText(std::int64_t micros, IntervalRange range) {
  std::string inside = micros < 0 ? "-" : "";
  auto rest = static_cast<Wide>(micros);
  if (rest < 0) rest = -rest;
  for (int i = static_cast<int>(range.first); i <= static_cast<int>(range.last); ++i) {
    const auto field = static_cast<IntervalField>(i);
    if (field != range.first) inside += field == IntervalField::kHour ? ' ' : ':';
    if (field == IntervalField::kSecond) {
      if (rest < 10 * kSecond) inside += '0';
      inside += SecondsText(static_cast<std::int64_t>(rest));
      break;
    }
    const auto count = static_cast<std::int64_t>(rest / MicrosOf(field));
    rest %= MicrosOf(field);
    inside += field == IntervalField::kDay ? fmt::format("{}", count) : fmt::format("{:02}", count);
  }
  return fmt::format("INTERVAL '{}' {}", inside, NameOf(range));
}

std::string CalendarText(const CalendarInterval& interval) {
  std::string out;
  AppendUnit(out, interval.months / kMonthsOfYear, "years");
  AppendUnit(out, interval.months % kMonthsOfYear, "months");
  AppendUnit(out, interval.days, "days");
  AppendUnit(out, interval.micros / kHour, "hours");
  AppendUnit(out, interval.micros % kHour / kMinute, "minutes");
  if (const auto seconds = interval.micros % kMinute; seconds != 0) {
    std::string text = SecondsText(seconds);
    if (seconds < 0 && !text.starts_with('-')) text.insert(0, "-");
    out += fmt::format("{}{} seconds", out.empty() ? "" : " ", text);
  }
  return out.empty() ? "0 seconds" : out;
}

Result<std::int64_t> TimesDouble(std::int64_t value, double factor) {
  return Rounded(static_cast<double>(value) * factor);
}

Result<std::int64_t> DividedBy(std::int64_t value, std::int64_t divisor) {
  if (divisor == 0) return DivisionByZero();
  const Wide wide = value;
  Wide quotient = wide / divisor;
  const Wide rest = wide % divisor;
  const Wide twice = (rest < 0 ? -rest : rest) * 2;
  if (twice >= (divisor < 0 ? -static_cast<Wide>(divisor) : static_cast<Wide>(divisor))) {
    quotient += (value < 0) == (divisor < 0) ? 1 : -1;
  }
  return Narrow<std::int64_t>(quotient);
}

Result<std::int64_t> DividedByDouble(std::int64_t value, double divisor) {
  if (divisor == 0) return DivisionByZero();
  return Rounded(static_cast<double>(value) / divisor);
}

Result<CalendarInterval> Times(const CalendarInterval& interval, double factor) {
  return OfDoubles(interval.months * factor, interval.days * factor,
                   static_cast<double>(interval.micros) * factor);
}

Result<CalendarInterval> DividedBy(const CalendarInterval& interval, double divisor) {
  if (divisor == 0) return DivisionByZero();
  return OfDoubles(interval.months / divisor, interval.days / divisor,
                   static_cast<double>(interval.micros) / divisor);
}

Result<CalendarInterval> MakeInterval(const IntervalParts& parts) {
  CalendarInterval made;
  ST_TRY(made.months,
         Narrow<std::int32_t>(static_cast<Wide>(parts.years) * kMonthsOfYear + parts.months));
  ST_TRY(made.days, Narrow<std::int32_t>(static_cast<Wide>(parts.weeks) * 7 + parts.days));
  ST_TRY(made.micros,
         Narrow<std::int64_t>(static_cast<Wide>(parts.hours) * kHour +
                              static_cast<Wide>(parts.minutes) * kMinute + parts.second_micros));
  return made;
}

Result<std::int64_t> MakeDayTime(const IntervalParts& parts) {
  return Narrow<std::int64_t>(static_cast<Wide>(parts.days) * kDay +
                              static_cast<Wide>(parts.hours) * kHour +
                              static_cast<Wide>(parts.minutes) * kMinute + parts.second_micros);
}

Result<CalendarInterval> Plus(const CalendarInterval& a, const CalendarInterval& b) {
  CalendarInterval made;
  ST_TRY(made.months, Narrow<std::int32_t>(static_cast<Wide>(a.months) + b.months));
  ST_TRY(made.days, Narrow<std::int32_t>(static_cast<Wide>(a.days) + b.days));
  ST_TRY(made.micros, Narrow<std::int64_t>(static_cast<Wide>(a.micros) + b.micros));
  return made;
}

Result<CalendarInterval> Minus(const CalendarInterval& a, const CalendarInterval& b) {
  CalendarInterval made;
  ST_TRY(made.months, Narrow<std::int32_t>(static_cast<Wide>(a.months) - b.months));
  ST_TRY(made.days, Narrow<std::int32_t>(static_cast<Wide>(a.days) - b.days));
  ST_TRY(made.micros, Narrow<std::int64_t>(static_cast<Wide>(a.micros) - b.micros));
  return made;
}

}  // namespace st::spark_values
