#include "spark_values/text.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include "base/ascii.h"
#include "spark_values/case.h"
#include "spark_values/limits.h"
#include "spark_values/utf8.h"

namespace st::spark_values {
namespace {

Status RequireRoom(std::size_t bytes) {
  if (bytes <= kMaxMadeBytes) return {};
  return Fail(ErrorCode::kInvalidArgument, "a text of {} bytes would be made; the limit is {}",
              bytes, kMaxMadeBytes);
}

// `length` characters of `pad`, again and again.
Result<std::string> Padding(std::int64_t length, std::string_view pad) {
  if (pad.empty() || length <= 0) return std::string();
  const std::int64_t characters = CountCharacters(pad);
  const std::int64_t whole = length / characters;
  ST_TRY_STATUS(RequireRoom(static_cast<std::size_t>(whole + 1) * pad.size()));
  std::string out;
  for (std::int64_t i = 0; i < whole; ++i) out += pad;
  out += pad.substr(0, ByteOfCharacter(pad, length % characters));
  return out;
}

std::vector<char32_t> Characters(std::string_view text) {
  std::vector<char32_t> out;
  for (std::size_t at = 0; at < text.size();) out.push_back(NextCharacter(text, at));
  return out;
}

bool HasCharacter(std::string_view set, std::string_view character) {
  for (std::size_t at = 0; at < set.size(); at += CharacterBytes(set[at])) {
    if (set.substr(at, CharacterBytes(set[at])) == character) return true;
  }
  return false;
}

}  // namespace

Result<std::string> PadLeft(std::string_view text, std::int32_t length, std::string_view pad) {
  const std::int64_t missing = length - CountCharacters(text);
  if (missing <= 0) return std::string(text.substr(0, ByteOfCharacter(text, length)));
  ST_TRY(auto out, Padding(missing, pad));
  return out += text;
}

Result<std::string> PadRight(std::string_view text, std::int32_t length, std::string_view pad) {
  const std::int64_t missing = length - CountCharacters(text);
  if (missing <= 0) return std::string(text.substr(0, ByteOfCharacter(text, length)));
  ST_TRY(const auto padding, Padding(missing, pad));
  return std::string(text) + padding;
}

Result<std::string> Repeat(std::string_view text, std::int32_t times) {
  if (times <= 0 || text.empty()) return std::string();
  ST_TRY_STATUS(RequireRoom(text.size() * static_cast<std::size_t>(times)));
  std::string out;
  out.reserve(text.size() * static_cast<std::size_t>(times));
  for (std::int32_t i = 0; i < times; ++i) out += text;
  return out;
}

Result<std::string> Space(std::int32_t length) { return Repeat(" ", length); }

std::string Reverse(std::string_view text) {
  std::string out(text.size(), ' ');
  std::size_t end = text.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = std::min(CharacterBytes(text[at]), text.size() - at);
    end -= bytes;
    out.replace(end, bytes, text.substr(at, bytes));
    at += bytes;
  }
  return out;
}

std::string_view Substring(std::string_view text, std::int32_t position, std::int32_t length) {
  if (length <= 0) return {};
  const std::int64_t start = position > 0   ? std::int64_t{position} - 1
                             : position < 0 ? CountCharacters(text) + position
                                            : 0;
  const std::int64_t end = start + length;
  if (end <= 0) return {};
  const std::size_t from = ByteOfCharacter(text, std::max<std::int64_t>(start, 0));
  const std::string_view rest = text.substr(from);
  return rest.substr(0, ByteOfCharacter(rest, end - std::max<std::int64_t>(start, 0)));
}

std::string Overlay(std::string_view text, std::string_view replacement, std::int32_t position,
                    std::int32_t length) {
  const std::int32_t replaced =
      length >= 0 ? length : static_cast<std::int32_t>(CountCharacters(replacement));
  std::string out(Substring(text, 1, position - 1));
  out += replacement;
  return out += Substring(text, position + replaced, INT32_MAX);
}

std::string_view SubstringIndex(std::string_view text, std::string_view delimiter,
                                std::int32_t count) {
  if (delimiter.empty() || count == 0) return {};
  if (count > 0) {
    std::size_t at = std::string_view::npos;
    for (std::size_t from = 0; count > 0; --count) {
      at = text.find(delimiter, from);
      if (at == std::string_view::npos) return text;
      from = at + 1;
    }
    return text.substr(0, at);
  }
  std::size_t end = text.size();
  for (; count < 0; ++count) {
    if (end == std::string_view::npos || text.size() < delimiter.size()) return text;
    const std::size_t last = text.size() - delimiter.size();
    const std::size_t from = end == text.size() ? last : end - 1;
    if (end == 0 || from == std::string_view::npos) return text;
    end = text.rfind(delimiter, from);
    if (end == std::string_view::npos) return text;
  }
  return text.substr(end + delimiter.size());
}

std::int32_t Locate(std::string_view part, std::string_view text, std::int32_t start) {
  if (start < 1) return 0;
  const std::size_t from = ByteOfCharacter(text, std::int64_t{start} - 1);
  if (part.empty()) return 1;
  const std::size_t at = text.find(part, from);
  if (at == std::string_view::npos) return 0;
  return static_cast<std::int32_t>(CountCharacters(text.substr(0, at))) + 1;
}

std::int32_t FindInSet(std::string_view word, std::string_view words) {
  if (word.contains(',')) return 0;
  std::int32_t place = 1;
  for (std::size_t at = 0;; ++place) {
    const std::size_t end = words.find(',', at);
    if (words.substr(at, end - at) == word) return place;
    if (end == std::string_view::npos) return 0;
    at = end + 1;
  }
}

std::string_view TrimLeft(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const std::string_view first = text.substr(0, CharacterBytes(text[0]));
    if (!HasCharacter(set, first)) break;
    text.remove_prefix(first.size());
  }
  return text;
}

std::string_view TrimRight(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
    if (!HasCharacter(set, text.substr(at))) break;
    text = text.substr(0, at);
  }
  return text;
}

std::string_view TrimControls(std::string_view text) {
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  };
  while (!text.empty() && is_control(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_control(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view TrimBoth(std::string_view text, std::string_view set) {
  return TrimRight(TrimLeft(text, set), set);
}

std::string Translate(std::string_view text, std::string_view from, std::string_view to) {
  constexpr char32_t kRemoved = 0x110000;
  std::unordered_map<char32_t, char32_t> map;
  std::size_t other = 0;
  for (std::size_t at = 0; at < from.size();) {
    const char32_t key = NextCharacter(from, at);
    const char32_t value = other < to.size() ? NextCharacter(to, other) : kRemoved;
    map.emplace(key, value);  // the first of equal ones counts
  }
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = NextCharacter(text, at);
    const auto found = map.find(character);
    if (found == map.end()) {
      AppendCharacter(character, out);
    } else if (found->second != kRemoved) {
      AppendCharacter(found->second, out);
    }
  }
  return out;
}

std::string Replace(std::string_view text, std::string_view search, std::string_view replacement) {
  if (search.empty()) return std::string(text);
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find(search); at != std::string_view::npos;
       at = text.find(search, from)) {
    out += text.substr(from, at - from);
    out += replacement;
    from = at + search.size();
  }
  return out += text.substr(from);
}

std::string Mask(std::string_view text, const MaskCharacters& characters) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = NextCharacter(text, at);
    const bool is_pair = c > 0xFFFF;  // two characters of Java's, of which neither is a letter
    const std::string_view mask = is_pair             ? characters.other
                                  : IsUpperLetter(c)  ? characters.upper
                                  : IsLowerLetter(c)  ? characters.lower
                                  : IsDecimalDigit(c) ? characters.digit
                                                      : characters.other;
    out += mask.empty() ? text.substr(start, at - start) : mask;
    if (is_pair) out += mask;
  }
  return out;
}

std::int32_t Ascii(std::string_view text) {
  std::size_t at = 0;
  return text.empty() ? 0 : static_cast<std::int32_t>(NextCharacter(text, at));
}

std::string Chr(std::int64_t code) {
  std::string out;
  if (code >= 0) AppendCharacter(static_cast<char32_t>(code & 0xFF), out);
  return out;
}

Result<std::int32_t> Levenshtein(std::string_view a, std::string_view b) {
  const auto left = Characters(a);
  const auto right = Characters(b);
  if (left.size() * right.size() > kMaxComparedPairs) {
    return Fail(ErrorCode::kInvalidArgument,
                "levenshtein compares {} with {} characters; the product may be {} at most",
                left.size(), right.size(), kMaxComparedPairs);
  }
  std::vector<std::int32_t> row(right.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::int32_t>(i);
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::int32_t diagonal = row[0];
    row[0] = static_cast<std::int32_t>(i) + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::int32_t above = row[j + 1];
      const std::int32_t change = diagonal + (left[i] == right[j] ? 0 : 1);
      row[j + 1] = std::min({above + 1, row[j] + 1, change});
      diagonal = above;
    }
  }
  return row.back();
}

Result<std::int32_t> LevenshteinWithin(std::string_view a, std::string_view b, std::int32_t limit) {
  ST_TRY(const std::int32_t distance, Levenshtein(a, b));
  return distance > limit ? -1 : distance;
}

std::string Soundex(std::string_view text) {
  // The digit of each letter; 7 are H and W, which do not part equal digits, 0 the vowels, which
  // do.
  constexpr std::string_view kDigits = "01230127022455012623017202";
  if (text.empty() || !IsLetter(text[0])) return std::string(text);
  const auto upper = [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; };
  const auto digit = [&](char c) { return kDigits[static_cast<std::size_t>(upper(c) - 'A')]; };
  std::string out(1, upper(text[0]));
  char last = digit(text[0]);
  for (std::size_t i = 1; i < text.size() && out.size() < 4; ++i) {
    if (!IsLetter(text[i])) {
      last = '0';
      continue;
    }
    const char code = digit(text[i]);
    if (code == '7') continue;
    if (code != '0' && code != last) out += code;
    last = code;
  }
  out.resize(4, '0');
  return out;
}

bool PassesLuhn(std::string_view digits) {
  if (digits.empty()) return false;
  int sum = 0;
  bool is_doubled = false;
  for (std::size_t i = digits.size(); i > 0; --i) {
    const char c = digits[i - 1];
    if (c < '0' || c > '9') return false;
    const int digit = (c - '0') * (is_doubled ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
    is_doubled = !is_doubled;
  }
  return sum % 10 == 0;
}

std::string Quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\\';
    out += c;
  }
  return out += "'";
}

}  // namespace st::spark_values
