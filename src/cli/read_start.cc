#include "cli/read_start.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "event/timestamp.h"

namespace st::cli {
namespace {

constexpr std::string_view kTimePrefix = "s@";

// Milliseconds of a number or of a time as text; nullopt: it is neither, or before 1970.
std::optional<std::int64_t> ParseTimeMs(std::string_view text) {
  if (const auto number = ParseInt64(text)) return *number < 0 ? std::nullopt : number;
  const auto time_us = event::ParseTimestamp(text);
  if (!time_us || *time_us < 0) return std::nullopt;
  return (*time_us + 999) / 1000;
}

}  // namespace

Result<ReadStart> ParseReadStart(const std::string& text) {
  using Kind = ReadStart::Kind;
  if (text == "beginning") return ReadStart{.kind = Kind::kBeginning};
  if (text == "end") return ReadStart{.kind = Kind::kEnd};
  if (text.starts_with(kTimePrefix)) {
    const auto time_ms = ParseTimeMs(std::string_view(text).substr(kTimePrefix.size()));
    if (time_ms) return ReadStart{.kind = Kind::kTime, .value = *time_ms};
  }
  const auto number = ParseInt64(text);
  if (number && *number >= 0) return ReadStart{.kind = Kind::kOffset, .value = *number};
  if (number && *number > std::numeric_limits<std::int64_t>::min()) {
    return ReadStart{.kind = Kind::kBeforeEnd, .value = -*number};
  }
  return Fail(
      ErrorCode::kInvalidArgument,
      "--from takes \"beginning\", \"end\", an offset, -N for the last N records, or s@TIME "
      "(milliseconds, or a time such as 2026-11-30T05:40:00Z), not \"{}\"",
      text);
}

std::int64_t StartIn(const PartitionOffsets& partition, const ReadStart& from) {
  switch (from.kind) {
    case ReadStart::Kind::kBeginning:
      return partition.start;
    case ReadStart::Kind::kEnd:
      return partition.end;
    case ReadStart::Kind::kOffset:
      return from.value;
    case ReadStart::Kind::kBeforeEnd:
      return std::max(partition.start, partition.end - from.value);
    case ReadStart::Kind::kTime:
      return partition.at_time;
  }
  return partition.start;
}

}  // namespace st::cli
