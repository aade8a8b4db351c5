// Texts as dates and times, as Spark casts them in ANSI mode with the session time zone UTC. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spark_values/values.h"

namespace st::spark_values {

// "2026", "2026-1", "2026-1-31", and with a T or a space anything behind the day. nullopt: Spark
// has no such value.
std::optional<Date> DateOfText(std::string_view text);

// The same, with a time of day to the microsecond and an offset. nullopt also for a time without a
// date, which would be one of today, and for a named zone but UTC and GMT.
std::optional<Timestamp> TimestampOfText(std::string_view text);

// The same without an offset or zone, which counts for nothing: the time as written.
std::optional<Timestamp> LocalTimestampOfText(std::string_view text);
// Whether a date and a time of day stand in front of a named zone, which Spark looks up.
bool HasNamedZone(std::string_view text);

// Whether Spark reads the text by today's date or by the time zone database, so that its answer is
// not known here.
bool NeedsClockOrZones(std::string_view text);

// CAST AS STRING: "2026-01-31 10:15:30.5", without the zeros at the end.
std::string TextOf(Date date);
std::string TextOf(Timestamp time);

// Seconds east of UTC that "Z", "+1:30", "UTC-2" and the like name; nullopt: another text.
std::optional<std::int32_t> OffsetOfText(std::string_view text);

}  // namespace st::spark_values
