#include "lake/single_value.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "base/coding.h"
#include "base/column_type.h"
#include "base/ids.h"
#include "base/text.h"

namespace st::lake {

namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// Takes tokens off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool at_end() const { return text_.empty(); }

  bool Skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Takes a run of `min` to `max` digits.
  std::optional<std::int64_t> Digits(std::size_t min, std::size_t max) {
    std::size_t n = 0;
    while (n < text_.size() && text_[n] >= '0' && text_[n] <= '9') ++n;
    if (n < min || n > max) return std::nullopt;
    digits_ = n;
    const auto value = ParseInt64(text_.substr(0, n));
    text_.remove_prefix(n);
    return value;
  }
  // The number of digits that the last Digits() took.
  std::size_t digits() const { return digits_; }

 private:
  std::string_view text_;
  std::size_t digits_ = 0;
};

// Reads a date as days since the epoch.
std::optional<std::int64_t> ScanDate(Scanner& text) {
  const auto year = text.Digits(4, 6);
  if (!year || !text.Skip('-')) return std::nullopt;
  const auto month = text.Digits(2, 2);
  if (!month || !text.Skip('-')) return std::nullopt;
  const auto day = text.Digits(2, 2);
  if (!day || *year > 294'246) return std::nullopt;
  // std::chrono::year ends at 32767; the calendar repeats every 400 years of 146,097 days.
  const auto cycles = *year / 400;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year % 400)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() + cycles * 146'097;
}

// Reads a time as microseconds since midnight.
std::optional<std::int64_t> ScanTime(Scanner& text) {
  const auto hours = text.Digits(2, 2);
  if (!hours || !text.Skip(':')) return std::nullopt;
  const auto minutes = text.Digits(2, 2);
  if (!minutes || !text.Skip(':')) return std::nullopt;
  const auto seconds = text.Digits(2, 2);
  if (!seconds || *hours > 24 || *minutes > 59 || *seconds > 59) return std::nullopt;
  std::int64_t micros = ((*hours * 60 + *minutes) * 60 + *seconds) * kMicrosPerSecond;
  if (!text.Skip('.')) return micros;
  const auto fraction = text.Digits(1, 6);
  if (!fraction) return std::nullopt;
  std::int64_t scaled = *fraction;
  for (auto n = text.digits(); n < 6; ++n) scaled *= 10;
  return micros + scaled;
}

// Reads "+00" or "-05:30" as microseconds east of UTC.
std::optional<std::int64_t> ScanZone(Scanner& text) {
  const bool is_west = text.Skip('-');
  if (!is_west && !text.Skip('+')) return std::nullopt;
  const auto hours = text.Digits(2, 2);
  if (!hours) return std::nullopt;
  std::int64_t seconds = *hours * 3600;
  for (const int unit : {60, 1}) {
    if (!text.Skip(':')) break;
    const auto part = text.Digits(2, 2);
    if (!part) return std::nullopt;
    seconds += *part * unit;
  }
  return (is_west ? -seconds : seconds) * kMicrosPerSecond;
}

std::optional<std::int64_t> ParseTimestamp(std::string_view text, bool has_zone) {
  Scanner scanner(text);
  const auto days = ScanDate(scanner);
  if (!days || !scanner.Skip(' ')) return std::nullopt;
  const auto micros = ScanTime(scanner);
  if (!micros) return std::nullopt;
  std::int64_t zone = 0;
  if (has_zone) {
    const auto east = ScanZone(scanner);
    if (!east) return std::nullopt;
    zone = *east;
  }
  if (!scanner.at_end()) return std::nullopt;
  return *days * kMicrosPerDay + *micros - zone;
}

template <typename T>
std::optional<T> Whole(std::optional<T> value, const Scanner& scanner) {
  return scanner.at_end() ? value : std::nullopt;
}

std::optional<std::string> Long(std::optional<std::int64_t> value) {
  if (!value) return std::nullopt;
  std::string out;
  AppendLittle(out, *value);
  return out;
}

std::optional<std::string> Int(std::optional<std::int64_t> value) {
  if (!value || *value != static_cast<std::int32_t>(*value)) return std::nullopt;
  std::string out;
  AppendLittle(out, static_cast<std::int32_t>(*value));
  return out;
}

template <typename Float, typename Bits>
std::optional<std::string> Floating(std::string_view text) {
  Float value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  std::string out;
  AppendLittle(out, std::bit_cast<Bits>(value));
  return out;
}

// Encodes the unscaled value as the shortest big-endian two's complement.
std::optional<std::string> Decimal(std::string_view text, int scale) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  auto digits = std::string(text.substr(0, point)) + std::string(fraction);
  if (fraction.size() > static_cast<std::size_t>(scale) || digits.empty()) return std::nullopt;
  digits.append(static_cast<std::size_t>(scale) - fraction.size(), '0');
  if (digits.size() > 39) return std::nullopt;
  unsigned __int128 magnitude = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    magnitude = magnitude * 10 + static_cast<unsigned>(c - '0');
  }
  if (magnitude >> 127 != 0) return std::nullopt;
  const unsigned __int128 bits = is_negative ? ~magnitude + 1 : magnitude;
  std::string out;
  AppendBig(out, static_cast<std::uint64_t>(bits >> 64));
  AppendBig(out, static_cast<std::uint64_t>(bits));
  const char sign = bits >> 127 != 0 ? '\xff' : '\0';
  std::size_t skip = 0;
  while (skip < 15 && out[skip] == sign && ((out[skip + 1] ^ sign) & 0x80) == 0) ++skip;
  return out.substr(skip);
}

std::optional<std::string> Boolean(std::string_view text) {
  if (text == "1" || text == "true") return std::string("\1");
  if (text == "0" || text == "false") return std::string(1, '\0');
  return std::nullopt;
}

std::optional<std::string> UuidBytes(std::string_view text) {
  const auto uuid = Uuid::Parse(text);
  if (!uuid) return std::nullopt;
  return std::string(BytesOf(*uuid));
}

std::optional<std::string> Serialize(std::string_view type, std::string_view text) {
  Scanner scanner(text);
  if (type == "string") return std::string(text);
  if (type == "long") return Long(ParseInt64(text));
  if (type == "int") return Int(ParseInt64(text));
  if (type == "timestamptz") return Long(ParseTimestamp(text, true));
  if (type == "timestamp") return Long(ParseTimestamp(text, false));
  if (type == "date") return Int(Whole(ScanDate(scanner), scanner));
  if (type == "time") return Long(Whole(ScanTime(scanner), scanner));
  if (type == "double") return Floating<double, std::uint64_t>(text);
  if (type == "float") return Floating<float, std::uint32_t>(text);
  if (type == "boolean") return Boolean(text);
  if (type == "uuid") return UuidBytes(text);
  if (type == "binary") return HexDecode(text);  // DuckDB writes a blob's statistics in hex
  const auto decimal = ColumnTypeFromIceberg(type);
  if (!decimal || decimal->kind != TypeKind::kDecimal) return std::nullopt;
  return Decimal(text, decimal->scale);
}

}  // namespace

Result<std::string> BoundFromText(std::string_view iceberg_type, std::string_view duckdb_text) {
  auto bound = Serialize(iceberg_type, duckdb_text);
  if (bound) return *std::move(bound);
  return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no bound of type {}", duckdb_text,
              iceberg_type);
}

std::string Utf8Prefix(std::string_view text, std::size_t characters) {
  std::size_t end = 0;
  while (end < text.size() && characters > 0) {
    ++end;
    while (end < text.size() && (text[end] & 0xc0) == 0x80) ++end;
    --characters;
  }
  return std::string(text.substr(0, end));
}

std::optional<std::string> Utf8Successor(std::string_view text) {
  while (!text.empty()) {
    auto start = text.size() - 1;
    while (start > 0 && (text[start] & 0xc0) == 0x80) --start;
    const auto last = text.substr(start);
    text = text.substr(0, start);
    // The next code point is the next well-formed byte sequence of the same length, or else the
    // first one of the next length. Surrogates are skipped.
    if (last == "\x7f") return std::string(text) + "\xc2\x80";
    if (last == "\xdf\xbf") return std::string(text) + "\xe0\xa0\x80";
    if (last == "\xed\x9f\xbf") return std::string(text) + "\xee\x80\x80";
    if (last == "\xef\xbf\xbf") return std::string(text) + "\xf0\x90\x80\x80";
    if (last == "\xf4\x8f\xbf\xbf") continue;  // U+10FFFF has no successor
    std::string next(last);
    auto at = next.size() - 1;
    while (at > 0 && next[at] == '\xbf') next[at--] = '\x80';
    next[at] = static_cast<char>(next[at] + 1);
    return std::string(text) + next;
  }
  return std::nullopt;
}

std::optional<std::string> BytesSuccessor(std::string_view bytes) {
  std::string next(bytes);
  while (!next.empty() && next.back() == '\xff') next.pop_back();
  if (next.empty()) return std::nullopt;
  next.back() = static_cast<char>(next.back() + 1);
  return next;
}

}  // namespace st::lake
