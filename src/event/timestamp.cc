#include "event/timestamp.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

namespace st::event {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kMinuteUs = 60 * kSecondUs;
constexpr std::int64_t kDayUs = 24 * 60 * kMinuteUs;

// Takes exactly `digits` digits off `left`; -1 if they are missing.
int TakeDigits(std::string_view& left, std::size_t digits) {
  if (left.size() < digits) return -1;
  int value = 0;
  for (const char c : left.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  left.remove_prefix(digits);
  return value;
}

bool TakeOne(std::string_view& left, std::string_view any_of) {
  if (left.empty() || any_of.find(left.front()) == std::string_view::npos) return false;
  left.remove_prefix(1);
  return true;
}

// Takes "2026-11-27" off `left`: microseconds since the epoch.
std::optional<std::int64_t> TakeDate(std::string_view& left) {
  const int year = TakeDigits(left, 4);
  // The year 0000 is valid here: local time behind UTC is still in it during the first hours of
  // 0001.
  if (year < 0 || !TakeOne(left, "-")) return std::nullopt;
  const int month = TakeDigits(left, 2);
  if (month < 1 || !TakeOne(left, "-")) return std::nullopt;
  const int day = TakeDigits(left, 2);
  if (day < 1) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDayUs;
}

// Takes "10:00" off `left`: microseconds since midnight.
std::optional<std::int64_t> TakeMinutes(std::string_view& left) {
  const int hour = TakeDigits(left, 2);
  if (hour < 0 || hour > 23 || !TakeOne(left, ":")) return std::nullopt;
  const int minute = TakeDigits(left, 2);
  if (minute < 0 || minute > 59) return std::nullopt;
  return (hour * 60 + minute) * kMinuteUs;
}

// Takes ".5" off `left`: microseconds, or 0 if there is no fraction.
std::optional<std::int64_t> TakeFraction(std::string_view& left) {
  if (!TakeOne(left, ".")) return 0;
  std::int64_t scale = kSecondUs;
  std::int64_t us = 0;
  std::size_t digits = 0;
  for (; digits < left.size() && left[digits] >= '0' && left[digits] <= '9'; ++digits) {
    scale /= 10;
    us += (left[digits] - '0') * scale;
  }
  left.remove_prefix(digits);
  return digits > 0 ? std::optional(us) : std::nullopt;
}

// Reads "Z" or "+01:00" up to the end of the text: microseconds ahead of UTC.
std::optional<std::int64_t> TakeZone(std::string_view left) {
  if (left == "Z" || left == "z") return 0;
  const bool is_behind = left.starts_with('-');
  if (!TakeOne(left, "+-")) return std::nullopt;
  const auto minutes = TakeMinutes(left);
  if (!minutes || !left.empty()) return std::nullopt;
  return is_behind ? -*minutes : *minutes;
}

bool BeginsMonth(std::int64_t us) {
  if (us % kDayUs != 0) return false;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(us / kDayUs))};
  return date.day() == std::chrono::day(1);
}

std::unexpected<std::string> Refuse(std::string_view why) {
  return std::unexpected(std::string(why));
}

}  // namespace

std::expected<std::int64_t, std::string> ParseTimestamp(std::string_view text) {
  constexpr std::string_view kForm;  // empty: the type's own description suffices
  const auto date = TakeDate(text);
  if (!date || !TakeOne(text, "Tt ")) return Refuse(kForm);
  const auto minutes = TakeMinutes(text);
  if (!minutes || !TakeOne(text, ":")) return Refuse(kForm);
  const int second = TakeDigits(text, 2);
  if (second < 0 || second > 60) return Refuse(kForm);
  const auto fraction = TakeFraction(text);
  if (!fraction) return Refuse(kForm);
  const auto zone = TakeZone(text);
  if (!zone) return Refuse(kForm);
  const std::int64_t whole = *date + *minutes - *zone + second * kSecondUs;
  if (second == 60 && !BeginsMonth(whole)) {
    return Refuse("second 60 is a leap second, which is 23:59:60 UTC on the last day of a month");
  }
  const std::int64_t us = whole + *fraction;
  if (us < kMinTimestampUs || us > kMaxTimestampUs) {
    return Refuse("in UTC it is outside the years 0001 to 9999");
  }
  return us;
}

std::string TimestampText(std::int64_t time_ms) {
  constexpr std::int64_t kDayMs = kDayUs / 1000;
  std::int64_t days = time_ms / kDayMs;
  std::int64_t rest = time_ms % kDayMs;
  if (rest < 0) {
    rest += kDayMs;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
}

}  // namespace st::event
