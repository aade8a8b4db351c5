#include "api/game/as_of.h"

#include <cstdint>

#include "base/text.h"
#include "event/timestamp.h"

namespace st::api {
namespace {

constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kUsPerMs = 1000;

std::optional<AsOf> Epoch(std::string_view number, std::int64_t ms_per_unit) {
  const auto value = ParseInt64(number);
  if (!value || *value < 0 || *value > event::kMaxTimestampUs / kUsPerMs / ms_per_unit) {
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
  const auto us = event::ParseTimestamp(time);
  if (!us) return std::nullopt;
  // The millisecond that the time is in, also before the epoch.
  return AtTime{*us / kUsPerMs - (*us % kUsPerMs < 0 ? 1 : 0)};
}

}  // namespace st::api
