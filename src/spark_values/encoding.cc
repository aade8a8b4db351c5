#include "spark_values/encoding.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"
#include "spark_values/utf8.h"

namespace st::spark_values {
namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char Byte(int value) { return static_cast<char>(static_cast<unsigned char>(value)); }

std::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kInvalidArgument, "[MALFORMED_CHARACTER_CODING] {}", what);
}

void AppendUnit(char32_t unit, bool is_big, std::string& to) {
  const char high = Byte(static_cast<int>(unit >> 8));
  const char low = Byte(static_cast<int>(unit & 0xFFU));
  to += is_big ? high : low;
  to += is_big ? low : high;
}

std::string EncodeUtf16(std::string_view text, bool is_big) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = NextCharacter(text, at);
    if (character < 0x10000) {
      AppendUnit(character, is_big, out);
    } else {
      AppendUnit(0xD800 + ((character - 0x10000) >> 10), is_big, out);
      AppendUnit(0xDC00 + ((character - 0x10000) & 0x3FFU), is_big, out);
    }
  }
  return out;
}

Result<std::string> DecodeUtf16(std::string_view bytes, bool is_big) {
  if (bytes.size() % 2 != 0) return Malformed("UTF-16 has an even number of bytes");
  const auto unit = [&](std::size_t at) {
    const char32_t first = static_cast<unsigned char>(bytes[at]);
    const char32_t second = static_cast<unsigned char>(bytes[at + 1]);
    return is_big ? first << 8 | second : second << 8 | first;
  };
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    char32_t character = unit(at);
    if (character >= 0xD800 && character < 0xE000) {
      const bool has_low = character < 0xDC00 && at + 4 <= bytes.size() && unit(at + 2) >= 0xDC00 &&
                           unit(at + 2) < 0xE000;
      if (!has_low) return Malformed("a half of a pair stands alone in UTF-16");
      character = 0x10000 + ((character - 0xD800) << 10) + (unit(at + 2) - 0xDC00);
      at += 2;
    }
    AppendCharacter(character, out);
  }
  return out;
}

// The bytes of the character at the beginning; 0 and in `bad` the length of a bad sequence that
// Java replaces by one U+FFFD.
std::size_t WellFormedBytes(std::string_view bytes, std::size_t& bad) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = at(0);
  bad = 1;
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const unsigned char least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= bytes.size()) return 0;
    const bool fits = i == 1 ? at(i) >= least && at(i) <= most : (at(i) & 0xC0U) == 0x80U;
    if (!fits) return 0;
    bad = i + 1;
  }
  return length;
}

}  // namespace

std::string Hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kUpperHex[byte >> 4U];
    out += kUpperHex[byte & 0xFU];
  }
  return out;
}

std::optional<Binary> Unhex(std::string_view digits) {
  Binary out;
  std::size_t at = digits.size() % 2;
  if (at == 1) {
    const int only = HexValue(digits[0]);
    if (only < 0) return std::nullopt;
    out.bytes += Byte(only);
  }
  for (; at < digits.size(); at += 2) {
    const int high = HexValue(digits[at]);
    const int low = HexValue(digits[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.bytes += Byte(high * 16 + low);
  }
  return out;
}

std::string Base64(std::string_view bytes) { return Base64Encode(bytes); }

Result<Binary> Unbase64(std::string_view text) {
  Binary out;
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != '='; ++at) {
    const std::size_t digit = kBase64.find(text[at]);
    if (digit == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if (++count < 4) continue;
    for (const int shift : {16, 8, 0}) out.bytes += Byte(static_cast<int>(bits >> shift & 0xFFU));
    bits = 0;
    count = 0;
  }
  const auto wrong = [](std::string_view what) {
    return Fail(ErrorCode::kInvalidArgument, "[CONVERSION_INVALID_INPUT] base64: {}", what);
  };
  const bool has_end = at < text.size();
  // One = behind three digits, two behind two; between them may stand characters of no digit.
  if (has_end && count < 2) return wrong("a = stands where no group ends");
  if (has_end && count == 2) {
    std::size_t next = at + 1;
    while (next < text.size() && text[next] != '=' &&
           kBase64.find(text[next]) == std::string_view::npos) {
      ++next;
    }
    if (next >= text.size() || text[next] != '=') return wrong("a second = is missing");
    at = next;
  }
  if (count == 1) return wrong("the last group has one digit");
  if (count == 2) out.bytes += Byte(static_cast<int>(bits >> 4 & 0xFFU));
  if (count == 3) {
    out.bytes += Byte(static_cast<int>(bits >> 10 & 0xFFU));
    out.bytes += Byte(static_cast<int>(bits >> 2 & 0xFFU));
  }
  const std::string_view behind = has_end ? text.substr(at + 1) : std::string_view();
  if (std::ranges::any_of(behind, [](char c) { return kBase64.contains(c); })) {
    return wrong("digits stand behind the end");
  }
  return out;
}

bool IsStrictBase64(std::string_view text) {
  std::size_t position = 0;
  std::size_t ends = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f') continue;
    ++position;
    if (c == '=') {
      ++ends;
    } else if (ends != 0 || !kBase64.contains(c)) {
      return false;
    }
  }
  if (ends > 2) return false;
  return ends == 0 ? position % 4 != 1 : position % 4 == 0;
}

std::optional<CharacterSet> CharacterSetOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, CharacterSet>, 6> kNames = {
      {{"utf-8", CharacterSet::kUtf8},
       {"utf-16", CharacterSet::kUtf16},
       {"utf-16be", CharacterSet::kUtf16Be},
       {"utf-16le", CharacterSet::kUtf16Le},
       {"us-ascii", CharacterSet::kAscii},
       {"iso-8859-1", CharacterSet::kLatin1}}};
  for (const auto& [known, set] : kNames) {
    if (EqualsIgnoreCase(known, name)) return set;
  }
  return std::nullopt;
}

Result<Binary> Encode(std::string_view text, CharacterSet set) {
  if (set == CharacterSet::kUtf8) return Binary{std::string(text)};
  if (set == CharacterSet::kUtf16) {  // Java writes a mark of the order first
    return text.empty() ? Binary{} : Binary{"\xFE\xFF" + EncodeUtf16(text, true)};
  }
  if (set == CharacterSet::kUtf16Be || set == CharacterSet::kUtf16Le) {
    return Binary{EncodeUtf16(text, set == CharacterSet::kUtf16Be)};
  }
  const char32_t end = set == CharacterSet::kAscii ? 0x80 : 0x100;
  Binary out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = NextCharacter(text, at);
    if (character >= end) return Malformed("the character set lacks a character of the text");
    out.bytes += Byte(static_cast<int>(character));
  }
  return out;
}

Result<std::string> Decode(std::string_view bytes, CharacterSet set) {
  switch (set) {
    case CharacterSet::kUtf8:
      if (!IsUtf8(bytes)) return Malformed("the bytes are no UTF-8");
      return std::string(bytes);
    case CharacterSet::kUtf16: {
      const bool is_little = bytes.starts_with("\xFF\xFE");
      const bool has_mark = is_little || bytes.starts_with("\xFE\xFF");
      return DecodeUtf16(bytes.substr(has_mark ? 2 : 0), !is_little);
    }
    case CharacterSet::kUtf16Be:
    case CharacterSet::kUtf16Le:
      return DecodeUtf16(bytes, set == CharacterSet::kUtf16Be);
    case CharacterSet::kAscii:
    case CharacterSet::kLatin1:
      break;
  }
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && set == CharacterSet::kAscii) return Malformed("the bytes are no US-ASCII");
    AppendCharacter(byte, out);
  }
  return out;
}

std::string MakeValidUtf8(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    std::size_t bad = 0;
    const std::size_t length = WellFormedBytes(bytes, bad);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length == 0 ? bad : length);
  }
  return out;
}

std::string TextOfBytes(std::string_view bytes) {
  const auto is_surrogate = [&](std::size_t at) {
    return bytes.substr(at).size() >= 3 && bytes[at] == '\xED' &&
           (static_cast<unsigned char>(bytes[at + 1]) & 0xE0U) == 0xA0U &&
           (static_cast<unsigned char>(bytes[at + 2]) & 0xC0U) == 0x80U;
  };
  std::string out;
  std::size_t begin = 0;
  for (std::size_t at = bytes.find('\xED'); at != std::string_view::npos;
       at = bytes.find('\xED', at + 1)) {
    if (!is_surrogate(at)) continue;
    out += MakeValidUtf8(bytes.substr(begin, at - begin)) + "\xEF\xBF\xBD";
    begin = at + 3;
  }
  return out + MakeValidUtf8(bytes.substr(begin));
}

std::string UrlEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '*';
    if (is_plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += Hex(std::string_view(&c, 1));
    }
  }
  return out;
}

Result<std::string> UrlDecode(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at] == '+' ? ' ' : text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? HexValue(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? HexValue(text[at + 2]) : -1;
    if (high < 0 || low < 0) {
      return Fail(ErrorCode::kInvalidArgument,
                  "[CANNOT_DECODE_URL] the text has a % without two hexadecimal digits behind it");
    }
    out += Byte(high * 16 + low);
    at += 2;
  }
  return MakeValidUtf8(out);
}

}  // namespace st::spark_values
