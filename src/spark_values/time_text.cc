#include "spark_values/time_text.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "base/ascii.h"
#include "spark_values/calendar.h"
#include "spark_values/text.h"

namespace st::spark_values {
namespace {

// Takes numbers off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool is_at_end() const { return text_.empty(); }
  std::string_view rest() const { return text_; }
  bool Take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  // A number of `least` to `most` digits; no more digits may follow.
  std::optional<std::int64_t> Number(std::size_t least, std::size_t most) {
    std::size_t size = 0;
    std::int64_t value = 0;
    while (size < text_.size() && IsDigit(text_[size])) {
      if (size < 18) value = value * 10 + (text_[size] - '0');
      ++size;
    }
    if (size < least || size > most) return std::nullopt;
    text_.remove_prefix(size);
    return value;
  }

 private:
  std::string_view text_;
};

// The date in front; the reader stands behind it. `most_digits`: of the year.
std::optional<Date> TakeDate(Reader& reader, std::size_t most_digits, int& parts) {
  const bool is_negative = reader.Take('-');
  if (!is_negative) reader.Take('+');
  const auto year = reader.Number(4, most_digits);
  if (!year) return std::nullopt;
  std::array<std::int64_t, 2> rest = {1, 1};
  parts = 1;
  for (auto& part : rest) {
    if (!reader.Take('-')) break;
    const auto number = reader.Number(1, 2);
    if (!number) return std::nullopt;
    part = *number;
    ++parts;
  }
  return DateOf(is_negative ? -*year : *year, rest[0], rest[1]);
}

// Digits of +01:02:03 and its shorter forms.
std::optional<std::int32_t> OffsetDigits(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (!is_negative && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  std::array<int, 3> parts = {0, 0, 0};
  std::size_t count = 0;
  const bool has_colons = text.contains(':');
  while (!text.empty() && count < parts.size()) {
    if (count > 0 && has_colons) {
      if (text[0] != ':') return std::nullopt;
      text.remove_prefix(1);
    }
    std::size_t digits = 0;
    while (digits < 2 && digits < text.size() && IsDigit(text[digits])) ++digits;
    // Spark completes one digit of the hours, and one of the minutes at the end.
    const bool may_be_short = (count == 0 && (has_colons || text.size() == 1)) ||
                              (count == 1 && has_colons && text.size() == 1);
    if (digits == 0 || (digits == 1 && !may_be_short)) return std::nullopt;
    parts.at(count++) = std::stoi(std::string(text.substr(0, digits)));
    text.remove_prefix(digits);
  }
  if (!text.empty() || count == 0 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  const int seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (seconds > 18 * 3600) return std::nullopt;
  return is_negative ? -seconds : seconds;
}

// The date and time of day of a text; `zone` becomes what stands behind them.
std::optional<Timestamp> LocalTimestamp(std::string_view text, std::string_view& zone) {
  constexpr std::size_t kMostYearDigits = 6;
  constexpr std::size_t kAnyDigits = 1000;
  Reader reader(TrimControls(text));
  int parts = 0;
  const auto date = TakeDate(reader, kMostYearDigits, parts);
  if (!date) return std::nullopt;
  if (reader.is_at_end()) return TimestampOf(*date, 0);
  if (parts != 3 || !(reader.Take(' ') || reader.Take('T'))) return std::nullopt;
  std::array<std::int64_t, 3> clock = {0, 0, 0};
  std::size_t count = 0;
  while (count < clock.size()) {
    const auto number = reader.Number(1, 2);
    if (!number) return std::nullopt;
    clock.at(count++) = *number;
    if (!reader.Take(':')) break;
  }
  std::int64_t fraction = 0;
  if (count == 3 && reader.Take('.')) {
    const std::string_view before = reader.rest();
    if (!reader.Number(0, kAnyDigits)) return std::nullopt;
    const std::string digits(before.substr(0, before.size() - reader.rest().size()));
    for (std::size_t i = 0; i < 6; ++i) {
      fraction = fraction * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    }
  }
  zone = reader.rest();
  if (!zone.empty() && count != 3) return std::nullopt;  // a zone stands behind the seconds
  if (clock[0] > 23 || clock[1] > 59 || clock[2] > 59) return std::nullopt;
  const std::int64_t seconds = clock[0] * 3600 + clock[1] * 60 + clock[2];
  return TimestampOf(*date, seconds * kMicrosOfSecond + fraction);
}

}  // namespace

std::optional<std::int32_t> OffsetOfText(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text == "Z" || text == "UTC" || text == "GMT" || text == "UT") return 0;
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (text.starts_with(prefix)) return OffsetDigits(text.substr(prefix.size()));
  }
  return OffsetDigits(text);
}

std::string TextOf(Date date) {
  const LocalTime time = LocalTimeOf(date);
  const std::string_view sign = time.year < 0 ? "-" : time.year > 9999 ? "+" : "";
  return fmt::format("{}{:04}-{:02}-{:02}", sign, time.year < 0 ? -time.year : time.year,
                     time.month, time.day);
}

std::string TextOf(Timestamp time) {
  const LocalTime local = LocalTimeOf(time);
  std::string out = fmt::format("{} {:02}:{:02}:{:02}", TextOf(DateOfTimestamp(time)), local.hour(),
                                local.minute(), local.second());
  if (local.fraction() == 0) return out;
  out += fmt::format(".{:06}", local.fraction());
  while (out.ends_with('0')) out.pop_back();
  return out;
}

std::optional<Date> DateOfText(std::string_view text) {
  constexpr std::size_t kMostYearDigits = 7;
  Reader reader(TrimControls(text));
  int parts = 0;
  const auto date = TakeDate(reader, kMostYearDigits, parts);
  if (!date || reader.is_at_end()) return date;
  const bool is_fine = parts == 3 && (reader.Take(' ') || reader.Take('T'));
  return is_fine ? date : std::nullopt;
}

std::optional<Timestamp> TimestampOfText(std::string_view text) {
  std::string_view zone;
  const auto local = LocalTimestamp(text, zone);
  if (!local || zone.empty()) return local;
  const auto offset = OffsetOfText(zone);
  if (!offset) return std::nullopt;
  return Timestamp{local->micros - std::int64_t{*offset} * kMicrosOfSecond};
}

std::optional<Timestamp> LocalTimestampOfText(std::string_view text) {
  std::string_view zone;
  const auto local = LocalTimestamp(text, zone);
  return zone.empty() || OffsetOfText(zone) ? local : std::nullopt;
}

bool HasNamedZone(std::string_view text) {
  std::string_view zone;
  if (!LocalTimestamp(text, zone) || zone.empty() || OffsetOfText(zone)) return false;
  const std::size_t begin = zone.find_first_not_of(' ');
  const char first = begin == std::string_view::npos ? ' ' : zone[begin];
  return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
}

bool NeedsClockOrZones(std::string_view text) {
  text = TrimControls(text);
  std::size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  if (digits >= 1 && digits <= 2 && text.substr(digits).starts_with(':')) return true;
  if (text.size() > 1 && text[0] == 'T' && IsDigit(text[1])) return true;
  return HasNamedZone(text);
}

}  // namespace st::spark_values
