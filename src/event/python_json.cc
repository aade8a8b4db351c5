#include "event/python_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iterator>

namespace st::event {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

struct CodePoint {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

// The character at the start of `text`, which is not empty (RFC 3629, 4).
CodePoint DecodeUtf8(std::string_view text) {
  const auto byte = [text](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(text[i]);
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < n) return {kReplacement, 1};
  std::uint32_t code = first & (0xFFU >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {kReplacement, 1};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[n] || code > 0x10FFFF || is_surrogate) return {kReplacement, 1};
  return {code, n};
}

void AppendEscape(std::string& out, std::uint32_t code) {
  switch (code) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto to = std::back_inserter(out);
  if (code >= 0x10000) {  // a surrogate pair
    fmt::format_to(to, "\\u{:04x}\\u{:04x}", 0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF));
  } else {
    fmt::format_to(to, "\\u{:04x}", code);
  }
}

bool IsPlain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

void AppendPythonJson(std::string& out, std::string_view text, TextEncoding encoding) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    CodePoint next{static_cast<unsigned char>(text[0]), 1};
    if (encoding == TextEncoding::kUtf8) next = DecodeUtf8(text);
    AppendEscape(out, next.code);
    text.remove_prefix(next.bytes);
  }
  out += '"';
}

std::string DoubleJson(double value) {
  // The shortest digits that read back to the same number, such as "-1.2345e+17".
  char scientific[40];
  const auto end = std::to_chars(std::begin(scientific), std::end(scientific), value,
                                 std::chars_format::scientific)
                       .ptr;
  std::string_view left(scientific, static_cast<std::size_t>(end - scientific));
  std::string out;
  if (left.starts_with('-')) {
    out = "-";
    left.remove_prefix(1);
  }
  const auto mark = left.find('e');
  int exponent = 0;
  const bool is_negative = left[mark + 1] == '-';
  std::from_chars(left.data() + mark + 2, left.data() + left.size(), exponent);
  if (is_negative) exponent = -exponent;
  std::string digits(left.substr(0, mark));
  std::erase(digits, '.');
  constexpr int kLeastPlain = -4;
  constexpr int kMostPlain = 15;
  if (exponent < kLeastPlain || exponent > kMostPlain) {
    out += digits.substr(0, 1);
    if (digits.size() > 1) out += "." + digits.substr(1);
    return out + fmt::format("e{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
  }
  if (exponent < 0)
    return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return out + digits + std::string(whole - digits.size(), '0') + ".0";
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace st::event
