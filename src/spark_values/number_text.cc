#include "spark_values/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/ascii.h"
#include "base/text.h"
#include "spark_values/case.h"
#include "spark_values/text.h"
#include "spark_values/utf8.h"

namespace st::spark_values {
namespace {

// As Java's trim().
std::string_view TrimLow(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= 0x20) text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= 0x20) text.remove_suffix(1);
  return text;
}

// The text with 0 to 9 for the digits of other scripts, which Java's BigDecimal reads too.
std::string WithAsciiDigits(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t character = NextCharacter(text, at);
    const auto digit = character < 0x10000 ? DigitValue(character) : std::nullopt;
    if (digit) {
      out += static_cast<char>('0' + *digit);
    } else {
      out += text.substr(start, at - start);
    }
  }
  return out;
}

// The digits of a positive number, and the place of the point: 0.DIGITS times 10 to that power.
struct Digits {
  std::string digits;
  int point = 0;
};

float Parsed(const char* text, float /*as*/) { return std::strtof(text, nullptr); }
double Parsed(const char* text, double /*as*/) { return std::strtod(text, nullptr); }

template <typename T>
Digits Shortest(T value) {
  char buffer[64];
  const auto end =
      std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::scientific);
  std::string text(buffer, end.ptr);
  const std::size_t e = text.find('e');
  // One digit is the fewest; Java takes the nearest number of two, 4.9E-324 for 5e-324.
  if (e == 1) {
    const std::string longer = fmt::format("{:.1e}", value);
    if (Parsed(longer.c_str(), value) == value) text = longer;
  }
  const std::size_t mark = text.find('e');
  Digits out;
  for (const char c : text.substr(0, mark)) {
    if (IsDigit(c)) out.digits += c;
  }
  while (out.digits.size() > 1 && out.digits.ends_with('0')) out.digits.pop_back();
  out.point = std::atoi(text.c_str() + mark + 1) + 1;
  return out;
}

// The number without exponent, with zeros in front of and behind the point as needed.
std::string Plain(const Digits& digits) {
  const auto size = static_cast<int>(digits.digits.size());
  if (digits.point <= 0) {
    return "0." + std::string(static_cast<std::size_t>(-digits.point), '0') + digits.digits;
  }
  if (digits.point >= size) {
    return digits.digits + std::string(static_cast<std::size_t>(digits.point - size), '0') + ".0";
  }
  const auto point = static_cast<std::size_t>(digits.point);
  return digits.digits.substr(0, point) + "." + digits.digits.substr(point);
}

// The whole part with commas, behind it what follows the point.
std::string Grouped(std::string_view number) {
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string out;
  for (std::size_t i = 0; i < point; ++i) {
    if (i != 0 && (point - i) % 3 == 0) out += ',';
    out += number[i];
  }
  return out += number.substr(point);
}

template <typename T>
std::optional<T> WholeOf(std::string_view text) {
  text = TrimControls(text);
  if (text.starts_with('+') && text.size() > 1 && IsDigit(text[1])) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// [0-9]* with at most one point among them, of at least one digit.
bool IsMantissa(std::string_view text, bool (*is_digit)(char)) {
  const auto points = std::ranges::count(text, '.');
  return points <= 1 && text.size() > static_cast<std::size_t>(points) &&
         std::ranges::all_of(text, [&](char c) { return c == '.' || is_digit(c); });
}

bool IsExponent(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, IsDigit);
}

// What Java's parseDouble reads, without sign and suffix.
bool IsJavaDouble(std::string_view text) {
  const bool is_hex = text.size() > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const std::size_t mark = text.find_first_of(is_hex ? "pP" : "eE");
  if (is_hex) {
    return mark != std::string_view::npos && IsMantissa(text.substr(2, mark - 2), IsHexDigit) &&
           IsExponent(text.substr(mark + 1));
  }
  const bool has_exponent = mark != std::string_view::npos;
  return IsMantissa(text.substr(0, mark), IsDigit) &&
         (!has_exponent || IsExponent(text.substr(mark + 1)));
}

int DigitOf(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 36;
}

// As Java's toString of a double or a float.
template <typename T>
std::string TextOfNumber(T value) {
  if (std::isnan(value)) return "NaN";
  const std::string sign = std::signbit(value) ? "-" : "";
  const T size = std::fabs(value);
  if (std::isinf(value)) return sign + "Infinity";
  if (size == 0) return sign + "0.0";
  const Digits digits = Shortest(size);
  if (size >= static_cast<T>(1e-3) && size < static_cast<T>(1e7)) return sign + Plain(digits);
  std::string rest = digits.digits.substr(1);
  if (rest.empty()) rest = "0";
  return fmt::format("{}{}.{}E{}", sign, digits.digits[0], rest, digits.point - 1);
}

// The text as Java parses it to a double or a float.
template <typename T>
std::optional<T> FloatingOf(std::string_view text) {
  text = TrimLow(text);
  std::string_view size = text;
  if (size.starts_with('+') || size.starts_with('-')) size.remove_prefix(1);
  const bool is_negative = text.starts_with('-');
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();
  if (EqualsIgnoreCase(size, "inf") || EqualsIgnoreCase(size, "infinity")) {
    return is_negative ? -kInfinity : kInfinity;
  }
  if (EqualsIgnoreCase(text, "nan")) return kNaN;
  if (text == "+NaN" || text == "-NaN") return kNaN;
  const bool has_suffix = !size.empty() && std::string_view("fFdD").contains(size.back());
  std::string_view number = size;
  if (has_suffix && IsJavaDouble(size.substr(0, size.size() - 1))) number.remove_suffix(1);
  if (!IsJavaDouble(number)) return std::nullopt;
  const std::string plain(number);
  const T value = Parsed(plain.c_str(), T());
  return is_negative ? -value : value;
}

}  // namespace

std::string DoubleText(double value) { return TextOfNumber(value); }
std::string FloatText(float value) { return TextOfNumber(value); }

std::optional<std::int32_t> IntOf(std::string_view text) { return WholeOf<std::int32_t>(text); }
std::optional<std::int64_t> LongOf(std::string_view text) { return WholeOf<std::int64_t>(text); }

std::optional<double> DoubleOf(std::string_view text) { return FloatingOf<double>(text); }
std::optional<float> FloatOf(std::string_view text) { return FloatingOf<float>(text); }

std::optional<bool> BooleanOf(std::string_view text) {
  const std::string word = AsciiLower(TrimControls(text));
  for (const auto* yes : {"t", "true", "y", "yes", "1"}) {
    if (word == yes) return true;
  }
  for (const auto* no : {"f", "false", "n", "no", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<std::string> PlainNumberOf(std::string_view written) {
  const std::string ascii = WithAsciiDigits(TrimLow(written));
  std::string_view text = ascii;
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, mark);
  if (!IsMantissa(mantissa, IsDigit)) return std::nullopt;
  std::int64_t exponent = 0;
  if (mark < text.size()) {
    std::string_view rest = text.substr(mark + 1);
    if (!IsExponent(rest)) return std::nullopt;
    if (rest.starts_with('+')) rest.remove_prefix(1);
    const auto number = ParseInt64(rest);
    // BigDecimal's exponents have 32 bits.
    if (!number || *number > INT32_MAX || *number < -INT32_MAX) return std::nullopt;
    exponent = *number;
  }
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  Digits digits;
  digits.digits = mantissa.substr(0, point);
  if (point < mantissa.size()) digits.digits += mantissa.substr(point + 1);
  const std::size_t zeros = std::min(digits.digits.find_first_not_of('0'), digits.digits.size());
  if (zeros == digits.digits.size()) return "0.0";
  digits.digits.erase(0, zeros);
  const std::int64_t place =
      static_cast<std::int64_t>(point) - static_cast<std::int64_t>(zeros) + exponent;
  constexpr std::int64_t kMostWhole = 39;
  constexpr std::int64_t kMostZeros = 60;
  if (place > kMostWhole) return std::nullopt;
  if (place < -kMostZeros) return "0.0";
  digits.point = static_cast<int>(place);
  // More digits than a DECIMAL has do not change how it is rounded.
  constexpr std::size_t kMostDigits = 120;
  if (digits.digits.size() > kMostDigits) digits.digits.resize(kMostDigits);
  return (is_negative ? "-" : "") + Plain(digits);
}

std::optional<std::string> PlainDoubleText(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  if (value == 0) return "0.0";
  return (value < 0 ? "-" : "") + Plain(Shortest(std::fabs(value)));
}

std::optional<std::string> FormatNumber(double value, std::int32_t places) {
  if (places < 0) return std::nullopt;
  if (std::isnan(value)) return "NaN";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return sign + "∞";
  // DecimalFormat has the digits of Double.toString, and zeros behind them.
  constexpr double kExactBelow = 1e15;
  constexpr int kMostPlaces = 340;  // DecimalFormat's
  const int shown = std::min(places, kMostPlaces);
  const double size = std::fabs(value);
  if (size < kExactBelow) return sign + Grouped(fmt::format("{:.{}f}", size, shown));
  std::string whole = Plain(Shortest(size));
  whole.resize(whole.find('.'));
  if (shown > 0) whole += "." + std::string(static_cast<std::size_t>(shown), '0');
  return sign + Grouped(whole);
}

std::optional<std::string> FormatWhole(std::int64_t value, std::int32_t places) {
  if (places < 0) return std::nullopt;
  const auto size =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string number = fmt::format("{}", size);
  if (places > 0) number += "." + std::string(static_cast<std::size_t>(std::min(places, 340)), '0');
  return (value < 0 ? "-" : "") + Grouped(number);
}

std::string Bin(std::int64_t value) {
  return fmt::format("{:b}", static_cast<std::uint64_t>(value));
}

Result<std::optional<std::string>> Conv(std::string_view number, std::int32_t from,
                                        std::int32_t to) {
  const auto base = static_cast<std::uint64_t>(from);
  const std::int64_t to_size = to < 0 ? -std::int64_t{to} : to;
  while (number.starts_with(' ')) number.remove_prefix(1);
  while (number.ends_with(' ')) number.remove_suffix(1);
  if (from < 2 || from > 36 || to_size < 2 || to_size > 36 || number.empty()) return std::nullopt;
  const bool is_negative = number.starts_with('-');
  std::uint64_t value = 0;
  for (const char c : number.substr(is_negative ? 1 : 0)) {
    const int digit = DigitOf(c);
    if (digit >= from) break;
    if (__builtin_mul_overflow(value, base, &value) ||
        __builtin_add_overflow(value, static_cast<std::uint64_t>(digit), &value)) {
      return Fail(ErrorCode::kInvalidArgument,
                  "[ARITHMETIC_OVERFLOW] conv: the number has more than 64 bits");
    }
  }
  // As Spark: a negative number is its two's complement, or -1 where it has more than 63 bits.
  if (is_negative && to > 0) {
    value = static_cast<std::int64_t>(value) < 0 ? ~std::uint64_t{0} : 0 - value;
  }
  bool shows_sign = is_negative && to < 0;
  if (to < 0 && static_cast<std::int64_t>(value) < 0 && !is_negative) {
    value = 0 - value;
    shows_sign = true;
  }
  std::string out;
  do {
    const auto digit = value % static_cast<std::uint64_t>(to_size);
    out += static_cast<char>(digit < 10 ? '0' + digit : 'A' + (digit - 10));
    value /= static_cast<std::uint64_t>(to_size);
  } while (value != 0);
  if (shows_sign) out += '-';
  std::ranges::reverse(out);
  return std::optional(std::move(out));
}

}  // namespace st::spark_values
