// Times of events: RFC 3339 text and microseconds since the epoch, UTC. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace st::event {

// The years 0001 to 9999, which Python and the clients of Iceberg and Trino can represent.
inline constexpr std::int64_t kMinTimestampUs = -62'135'596'800'000'000;
inline constexpr std::int64_t kMaxTimestampUs = 253'402'300'799'999'999;

// "2026-11-27T10:00:00.5+01:00", also with a space, "t" or "z". Digits of a fraction behind the
// sixth are truncated; a leap second (23:59:60 UTC on a month's last day) is the next second's 0.
// The error is why the text is none, "" where it has not this form.
std::expected<std::int64_t, std::string> ParseTimestamp(std::string_view text);

// "2026-11-27T10:00:00.000Z". Requires: within the range.
std::string TimestampText(std::int64_t time_ms);

}  // namespace st::event
