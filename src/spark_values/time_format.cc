#include "spark_values/time_format.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "spark_values/calendar.h"
#include "spark_values/time_text.h"

namespace st::spark_values {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 4> kQuarters = {"1st", "2nd", "3rd", "4th"};

// The letters that can be written, and those that can be read, with their greatest counts.
struct Letter {
  char letter;
  int most_written;
  int most_read;  // 0: cannot be read
};
constexpr std::array<Letter, 24> kLetters = {{
    {'y', 6, 4}, {'M', 4, 4}, {'L', 4, 4}, {'d', 2, 2}, {'H', 2, 2}, {'h', 2, 2},
    {'m', 2, 2}, {'s', 2, 2}, {'S', 9, 9}, {'a', 1, 1}, {'E', 4, 0}, {'D', 3, 0},
    {'k', 2, 0}, {'K', 2, 0}, {'Q', 4, 0}, {'q', 4, 0}, {'G', 4, 0}, {'z', 4, 0},
    {'V', 2, 0}, {'X', 5, 5}, {'x', 5, 5}, {'Z', 5, 3}, {'O', 4, 0}, {'u', 0, 0},
}};

std::unexpected<Error> Refuse(std::string_view what) {
  return Fail(ErrorCode::kInvalidArgument, "in the format: {}", what);
}

std::string Padded(std::int64_t value, int width) { return fmt::format("{:0{}}", value, width); }

std::string NameOf(std::string_view name, int count) {
  return std::string(count < 4 ? name.substr(0, 3) : name);
}

// What X, x, Z, O, z and V show of UTC.
std::string_view ZeroOffset(char letter, int count) {
  switch (letter) {
    case 'X':
      return "Z";
    case 'x':
      return count == 1 ? "+00" : count % 2 == 0 ? "+0000" : "+00:00";
    case 'Z':
      return count < 4 ? "+0000" : count == 4 ? "GMT" : "Z";
    case 'O':
      return "GMT";
    case 'z':
      return count == 4 ? "Coordinated Universal Time" : "UTC";
    default:
      return "UTC";
  }
}

std::string Quarter(int quarter, int count) {
  if (count <= 2) return Padded(quarter, count);
  if (count == 3) return fmt::format("Q{}", quarter);
  return fmt::format("{} quarter", kQuarters.at(static_cast<std::size_t>(quarter - 1)));
}

// From four letters on a year of more digits has its sign.
std::string Year(std::int64_t year, int count) {
  if (count == 2) return Padded((year % 100 + 100) % 100, 2);
  const std::string digits = Padded(year < 0 ? -year : year, count);
  if (year < 0) return "-" + digits;
  const bool has_sign = count >= 4 && digits.size() > static_cast<std::size_t>(count);
  return has_sign ? "+" + digits : digits;
}

std::string Field(char letter, int count, const LocalTime& time, Date date) {
  const int half_hour = time.hour() % 12;
  switch (letter) {
    case 'y':
      return Year(time.year, count);
    case 'M':
    case 'L':
      if (count <= 2) return Padded(time.month, count);
      return NameOf(kMonths.at(static_cast<std::size_t>(time.month - 1)), count);
    case 'd':
      return Padded(time.day, count);
    case 'D':
      return Padded(DayOfYear(time), count);
    case 'E':
      return NameOf(kDays.at(static_cast<std::size_t>(DayOfWeek(date) - 1)), count);
    case 'H':
      return Padded(time.hour(), count);
    case 'k':
      return Padded(time.hour() == 0 ? 24 : time.hour(), count);
    case 'h':
      return Padded(half_hour == 0 ? 12 : half_hour, count);
    case 'K':
      return Padded(half_hour, count);
    case 'm':
      return Padded(time.minute(), count);
    case 's':
      return Padded(time.second(), count);
    case 'S':
      return (Padded(time.fraction(), 6) + "000").substr(0, static_cast<std::size_t>(count));
    case 'a':
      return time.hour() < 12 ? "AM" : "PM";
    case 'Q':
    case 'q':
      return Quarter((time.month - 1) / 3 + 1, count);
    case 'G':
      return count == 4 ? "Anno Domini" : "AD";
    default:
      return std::string(ZeroOffset(letter, count));
  }
}

}  // namespace

Result<TimeFormat> TimeFormat::Parse(std::string_view pattern) {
  TimeFormat format;
  const auto text = [&]() -> std::string& {
    if (format.items_.empty() || format.items_.back().letter != 0) format.items_.emplace_back();
    return format.items_.back().text;
  };
  int depth = 0;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (IsLetter(c)) {
      std::size_t end = at;
      while (end < pattern.size() && pattern[end] == c) ++end;
      format.items_.push_back({.letter = c, .count = static_cast<int>(end - at), .text = {}});
      at = end - 1;
    } else if (c == '\'') {
      std::size_t end = at + 1;
      if (end < pattern.size() && pattern[end] == '\'') {
        text() += '\'';
        at = end;
        continue;
      }
      for (; end < pattern.size(); ++end) {
        if (pattern[end] != '\'') {
          text() += pattern[end];
        } else if (end + 1 < pattern.size() && pattern[end + 1] == '\'') {
          text() += pattern[end++];
        } else {
          break;
        }
      }
      if (end == pattern.size()) return Refuse("a quote has no end");
      at = end;
    } else if (c == '[' || c == ']') {
      depth += c == '[' ? 1 : -1;
      if (depth < 0) return Refuse("a ] has no [");
      format.items_.push_back({.letter = c, .count = 1, .text = {}});
    } else if (c == '{' || c == '}' || c == '#') {
      return Refuse(fmt::format("{} has no meaning yet; quote it", c));
    } else {
      text() += c;
    }
  }
  if (depth != 0) return Refuse("a [ has no ]");
  return format;
}

Result<TimeFormat> TimeFormat::ForWriting(std::string_view pattern) {
  ST_TRY(auto format, Parse(pattern));
  for (const auto& item : format.items_) {
    if (!IsLetter(item.letter)) continue;
    const auto* const known = std::ranges::find(kLetters, item.letter, &Letter::letter);
    const bool is_odd_zone = item.letter == 'V' && item.count != 2;
    const bool is_odd_offset = item.letter == 'O' && item.count != 1 && item.count != 4;
    if (known == kLetters.end() || item.count > known->most_written || is_odd_zone ||
        is_odd_offset) {
      return Refuse(fmt::format("'{}' is not supported",
                                std::string(static_cast<std::size_t>(item.count), item.letter)));
    }
  }
  return format;
}

Result<TimeFormat> TimeFormat::ForReading(std::string_view pattern) {
  ST_TRY(auto format, ForWriting(pattern));
  bool has_half = false;
  bool has_half_hour = false;
  bool is_after_number = false;
  std::string seen;
  for (const auto& item : format.items_) {
    if (!IsLetter(item.letter)) {
      is_after_number = is_after_number && item.letter != 0;
      continue;
    }
    const auto* const known = std::ranges::find(kLetters, item.letter, &Letter::letter);
    const std::string letters(static_cast<std::size_t>(item.count), item.letter);
    if (item.count > known->most_read || (item.letter == 'y' && item.count == 3)) {
      return Refuse(fmt::format("'{}' is not supported where texts are read", letters));
    }
    const char field = item.letter == 'L'                              ? 'M'
                       : std::string_view("XxZ").contains(item.letter) ? 'X'
                                                                       : item.letter;
    if (seen.contains(field)) return Refuse(fmt::format("'{}' stands there twice", letters));
    seen += field;
    has_half = has_half || item.letter == 'a';
    has_half_hour = has_half_hour || item.letter == 'h';
    const bool is_number =
        !std::string_view("aXxZ").contains(item.letter) && !(field == 'M' && item.count > 2);
    if (is_number && is_after_number && (item.count == 1 || item.letter == 'S')) {
      return Refuse(fmt::format("'{}' right behind a number is not supported", letters));
    }
    is_after_number = is_number;
  }
  if (has_half != has_half_hour) return Refuse("'h' and 'a' belong together where texts are read");
  if (has_half && seen.contains('H')) return Refuse("'H' and 'h' stand there both");
  return format;
}

std::string TimeFormat::Write(Timestamp time) const {
  const LocalTime local = LocalTimeOf(time);
  const Date date = DateOfTimestamp(time);
  std::string out;
  for (const auto& item : items_) {
    if (item.letter == 0) {
      out += item.text;
    } else if (IsLetter(item.letter)) {
      out += Field(item.letter, item.count, local, date);
    }
  }
  return out;
}

// Reads one text.
class TimeReader {
 public:
  TimeReader(const std::vector<TimeFormat::Item>& items, std::string_view text)
      : items_(items), text_(text) {}

  std::optional<Timestamp> Run() {
    if (!Section(0, items_.size()) || at_ != text_.size()) return std::nullopt;
    const auto date = DateOf(year_, month_, day_);
    if (!date || hour_ > 23 || minute_ > 59 || second_ > 59) return std::nullopt;
    if (half_ >= 0) {
      if (half_hour_ < 1 || half_hour_ > 12) return std::nullopt;
      hour_ = half_hour_ % 12 + half_ * 12;
    }
    const std::int64_t seconds = hour_ * 3600 + minute_ * 60 + second_ - offset_;
    return TimestampOf(*date, seconds * kMicrosOfSecond + micros_);
  }

 private:
  // Reads the items of [from, to); an optional section inside that does not fit is left out.
  bool Section(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const auto& item = items_[i];
      if (item.letter == '[') {
        const std::size_t end = EndOf(i);
        const TimeReader before = *this;
        if (!Section(i + 1, end)) Restore(before);
        i = end;
      } else if (!Item(i)) {
        return false;
      }
    }
    return true;
  }

  void Restore(const TimeReader& before) {
    at_ = before.at_;
    year_ = before.year_;
    month_ = before.month_;
    day_ = before.day_;
    hour_ = before.hour_;
    half_hour_ = before.half_hour_;
    half_ = before.half_;
    minute_ = before.minute_;
    second_ = before.second_;
    micros_ = before.micros_;
    offset_ = before.offset_;
  }

  std::size_t EndOf(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < items_.size(); ++i) {
      depth += items_[i].letter == '[' ? 1 : items_[i].letter == ']' ? -1 : 0;
      if (depth == 0) return i;
    }
    return items_.size();
  }

  bool Item(std::size_t i) {
    const auto& item = items_[i];
    switch (item.letter) {
      case 0:
        if (!EqualsIgnoreCase(text_.substr(at_, item.text.size()), item.text)) return false;
        at_ += item.text.size();
        return true;
      case 'y':
        return Year(i);
      case 'M':
      case 'L':
        return item.count <= 2 ? Number(i, month_) : Month(item.count);
      case 'd':
        return Number(i, day_);
      case 'H':
        return Number(i, hour_);
      case 'h':
        return Number(i, half_hour_);
      case 'm':
        return Number(i, minute_);
      case 's':
        return Number(i, second_);
      case 'S':
        return Fraction(item.count);
      case 'a':
        return Half();
      default:
        return Offset(item.letter, item.count);
    }
  }

  // The digits that the numbers right behind item `i` take.
  std::size_t Reserved(std::size_t i) const {
    std::size_t digits = 0;
    for (++i; i < items_.size(); ++i) {
      const auto& item = items_[i];
      const bool is_number =
          std::string_view("yMLdHhms").contains(item.letter) && item.letter != 0 && item.count == 2;
      const bool is_year = item.letter == 'y' && item.count == 4;
      if (!is_number && !is_year) break;
      digits += static_cast<std::size_t>(item.count);
    }
    return digits;
  }

  std::optional<std::int64_t> Digits(std::size_t least, std::size_t most) {
    std::size_t size = 0;
    std::int64_t value = 0;
    while (size < most && at_ + size < text_.size() && IsDigit(text_[at_ + size])) {
      value = value * 10 + (text_[at_ + size] - '0');
      ++size;
    }
    if (size < least) return std::nullopt;
    at_ += size;
    return value;
  }

  std::size_t DigitsAhead() const {
    std::size_t size = 0;
    while (at_ + size < text_.size() && IsDigit(text_[at_ + size])) ++size;
    return size;
  }

  bool Number(std::size_t i, std::int64_t& to) {
    constexpr std::size_t kMost = 18;
    const bool is_fixed = items_[i].count == 2;
    const std::size_t ahead = DigitsAhead();
    const std::size_t reserved = Reserved(i);
    const std::size_t free = ahead > reserved ? std::min(ahead - reserved, kMost) : 1;
    const auto number = is_fixed ? Digits(2, 2) : Digits(1, free);
    if (!number) return false;
    to = *number;
    return true;
  }

  bool Year(std::size_t i) {
    if (items_[i].count == 2) {
      const auto number = Digits(2, 2);
      if (!number) return false;
      year_ = 2000 + *number;
      return true;
    }
    const auto least = static_cast<std::size_t>(items_[i].count);
    const bool is_negative = text_.substr(at_, 1) == "-";
    if (is_negative) ++at_;
    const std::size_t ahead = DigitsAhead();
    const std::size_t reserved = Reserved(i);
    const std::size_t size = ahead > reserved ? ahead - reserved : ahead;
    // With four letters more digits need a + in front, and are of no year that a table holds.
    constexpr std::size_t kMostDigits = 9;
    if (size < least || size > (least == 1 ? kMostDigits : 4)) return false;
    const auto number = Digits(least, size);
    if (!number) return false;
    year_ = is_negative ? -*number : *number;
    return true;
  }

  bool Month(int count) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      const std::string name = NameOf(kMonths.at(i), count);
      if (!EqualsIgnoreCase(text_.substr(at_, name.size()), name)) continue;
      month_ = static_cast<std::int64_t>(i) + 1;
      at_ += name.size();
      return true;
    }
    return false;
  }

  // One digit up to the count; more are an error.
  bool Fraction(int count) {
    const std::size_t ahead = std::min(DigitsAhead(), static_cast<std::size_t>(count));
    if (ahead == 0) return false;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      value = value * 10 + (i < ahead ? text_[at_ + i] - '0' : 0);
    }
    micros_ = value;
    at_ += ahead;
    return true;
  }

  bool Half() {
    const std::string_view word = text_.substr(at_, 2);
    if (!EqualsIgnoreCase(word, "am") && !EqualsIgnoreCase(word, "pm")) return false;
    half_ = EqualsIgnoreCase(word, "pm") ? 1 : 0;
    at_ += 2;
    return true;
  }

  bool Offset(char letter, int count) {
    const bool takes_z = letter == 'X' || (letter == 'Z' && count == 5);
    if (takes_z && EqualsIgnoreCase(text_.substr(at_, 1), "z")) {
      offset_ = 0;
      ++at_;
      return true;
    }
    const bool has_colon = letter != 'Z' && count % 2 == 1 && count > 1;
    const bool is_short = letter != 'Z' && count == 1;
    const std::size_t start = at_;
    const std::string_view sign = text_.substr(at_, 1);
    if (sign != "+" && sign != "-") return false;
    ++at_;
    const auto hours = Digits(2, 2);
    if (!hours) return false;
    std::optional<std::int64_t> minutes = 0;
    const bool has_minutes =
        !is_short || (at_ + 1 < text_.size() && IsDigit(text_[at_]) && IsDigit(text_[at_ + 1]));
    if (has_minutes) {
      if (has_colon && text_.substr(at_, 1) != ":") return false;
      if (has_colon) ++at_;
      minutes = Digits(2, 2);
    }
    if (!minutes || *minutes > 59 || start == at_) return false;
    const std::int64_t seconds = *hours * 3600 + *minutes * 60;
    if (seconds > 18 * 3600) return false;
    offset_ = sign == "-" ? -seconds : seconds;
    return true;
  }

  const std::vector<TimeFormat::Item>& items_;
  const std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t year_ = 1970;
  std::int64_t month_ = 1;
  std::int64_t day_ = 1;
  std::int64_t hour_ = 0;
  std::int64_t half_hour_ = 0;
  int half_ = -1;
  std::int64_t minute_ = 0;
  std::int64_t second_ = 0;
  std::int64_t micros_ = 0;
  std::int64_t offset_ = 0;
};

Result<Timestamp> TimeFormat::Read(std::string_view text) const {
  const auto time = TimeReader(items_, text).Run();
  if (time) return *time;
  return Fail(ErrorCode::kInvalidArgument,
              "[CANNOT_PARSE_TIMESTAMP] '{}' does not have the format of the pattern",
              text.substr(0, 100));
}

Result<std::string> FormatTime(TimeFormatCache& cache, Timestamp time, std::string_view pattern) {
  if (!cache.format || cache.pattern != pattern) {
    cache.format = TimeFormat::ForWriting(pattern);
    cache.pattern = pattern;
  }
  if (!cache.format) return std::unexpected(cache.format.error());
  return cache.format->Write(time);
}

Result<Timestamp> ParseTime(TimeFormatCache& cache, std::string_view text,
                            std::string_view pattern) {
  if (!cache.format || cache.pattern != pattern) {
    cache.format = TimeFormat::ForReading(pattern);
    cache.pattern = pattern;
  }
  if (!cache.format) return std::unexpected(cache.format.error());
  return cache.format->Read(text);
}

}  // namespace st::spark_values
