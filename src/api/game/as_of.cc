#include "api/game/as_of.h"

#include <chrono>
#include <cstdint>

#include "base/text.h"
#include "event/value.h"

namespace st::api {
namespace {

constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kMsPerHour = 60 * kMsPerMinute;
constexpr std::int64_t kMaxSeconds = 253'402'300'799;  // the end of year 9999

std::int64_t Digits(std::string_view text, std::size_t at, std::size_t size) {
  return ParseInt64(text.substr(at, size)).value_or(0);
}

// Requires: event::IsTimestamp(text).
std::int64_t TimestampMs(std::string_view text) {
  using std::chrono::sys_days;
  const std::chrono::year_month_day day(
      std::chrono::year(static_cast<int>(Digits(text, 0, 4))),
      std::chrono::month(static_cast<unsigned>(Digits(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(Digits(text, 8, 2))));
  std::int64_t ms = std::chrono::milliseconds(sys_days(day).time_since_epoch()).count() +
                    Digits(text, 11, 2) * kMsPerHour + Digits(text, 14, 2) * kMsPerMinute +
                    Digits(text, 17, 2) * kMsPerSecond;
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    std::int64_t scale = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      ms += (text[at] - '0') * scale;
      scale /= 10;
    }
  }
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const std::int64_t zone =
        Digits(text, at + 1, 2) * kMsPerHour + Digits(text, at + 4, 2) * kMsPerMinute;
    ms -= text[at] == '+' ? zone : -zone;
  }
  return ms;
}

std::optional<AsOf> Epoch(std::string_view number, std::int64_t ms_per_unit) {
  const auto value = ParseInt64(number);
  if (!value || *value < 0 || *value > kMaxSeconds * kMsPerSecond / ms_per_unit) {
    return std::nullopt;
  }
  return AtTime{*value * ms_per_unit};
}

}  // namespace

std::optional<AsOf> ParseAsOf(std::string_view text) {
  if (text.ends_with("ms")) return Epoch(text.substr(0, text.size() - 2), 1);
  if (text.ends_with('s')) return Epoch(text.substr(0, text.size() - 1), kMsPerSecond);
  if (const auto offset = ParseInt64(text)) {
    if (*offset < -1) return std::nullopt;
    return Offset(*offset);
  }
  // A "+" that was not encoded arrives as a space.
  std::string time(text);
  constexpr std::size_t kZoneAt = 19;
  if (const auto space = time.find(' ', kZoneAt); space != std::string::npos) time[space] = '+';
  if (!event::IsTimestamp(time)) return std::nullopt;
  return AtTime{TimestampMs(time)};
}

}  // namespace st::api
