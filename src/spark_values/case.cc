#include "spark_values/case.h"

#include <algorithm>
#include <optional>

#include "spark_values/case_table.h"
#include "spark_values/utf8.h"

namespace st::spark_values {
namespace {

using internal::CaseRange;
using internal::SetRange;

constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kSmallSigma = 0x3C3;
constexpr char32_t kFinalSigma = 0x3C2;
constexpr char32_t kCapitalDottedI = 0x130;
constexpr std::string_view kSmallDottedI = "i\xCC\x87";

template <typename Range>
const Range* Find(std::span<const Range> table, char32_t character) {
  const auto found = std::ranges::lower_bound(table, character, {}, &Range::last);
  if (found == table.end() || character < found->first) return nullptr;
  return (character - found->first) % found->step == 0 ? &*found : nullptr;
}

std::optional<char32_t> Map(std::span<const CaseRange> table, char32_t character) {
  const auto* const range = Find(table, character);
  if (range == nullptr) return std::nullopt;
  return static_cast<char32_t>(static_cast<std::int32_t>(character) + range->distance);
}

bool IsIn(std::span<const SetRange> table, char32_t character) {
  return Find(table, character) != nullptr;
}

bool IsAsciiUpper(char32_t c) { return c >= 'A' && c <= 'Z'; }
bool IsAsciiLower(char32_t c) { return c >= 'a' && c <= 'z'; }

bool IsCased(char32_t c) {
  return IsUpperLetter(c) || IsLowerLetter(c) || IsIn(internal::OtherCasedTable(), c);
}

bool IsIgnorable(char32_t c) { return IsIn(internal::IgnorableTable(), c); }

bool IsAscii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c & '\x80') != 0; });
}

char32_t ToLower(char32_t c) {
  if (c < 0x80) return IsAsciiUpper(c) ? c + 0x20 : c;
  return Map(internal::ToLowerTable(), c).value_or(c);
}

// Appends the text that the character becomes in the table; false if it is not there.
bool AppendLong(std::span<const internal::LongCase> table, char32_t c, std::string& to) {
  const auto found = std::ranges::lower_bound(table, c, {}, &internal::LongCase::character);
  if (found == table.end() || found->character != c) return false;
  to += found->text;
  return true;
}

void AppendUpper(char32_t c, std::string& to) {
  if (c < 0x80) return AppendCharacter(IsAsciiLower(c) ? c - 0x20 : c, to);
  if (AppendLong(internal::LongUpperTable(), c, to)) return;
  AppendCharacter(Map(internal::ToUpperTable(), c).value_or(c), to);
}

void AppendTitle(char32_t c, std::string& to) {
  if (c >= 0x80 && AppendLong(internal::LongTitleTable(), c, to)) return;
  const auto title = Map(internal::ToTitleTable(), c);
  if (!title) return AppendUpper(c, to);
  AppendCharacter(*title, to);
}

// Whether a cased letter follows in the rest of the word.
bool IsFollowedByCased(std::string_view rest) {
  for (std::size_t at = 0; at < rest.size();) {
    const char32_t c = NextCharacter(rest, at);
    if (!IsIgnorable(c)) return IsCased(c);
  }
  return false;
}

// The text in lower case, but for the characters of which `is_title` is true.
template <typename F>
std::string LowerBehind(std::string_view text, F is_title) {
  std::string out;
  out.reserve(text.size());
  bool is_after_cased = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = NextCharacter(text, at);
    if (is_title(c)) {
      AppendTitle(c, out);
    } else if (c == kCapitalDottedI) {
      out += kSmallDottedI;
    } else if (c == kCapitalSigma) {
      const bool is_final = is_after_cased && !IsFollowedByCased(text.substr(at));
      AppendCharacter(is_final ? kFinalSigma : kSmallSigma, out);
    } else {
      AppendCharacter(ToLower(c), out);
    }
    if (!IsIgnorable(c)) is_after_cased = IsCased(c);
  }
  return out;
}

}  // namespace

bool IsUpperLetter(char32_t c) { return IsAsciiUpper(c) || IsIn(internal::UpperTable(), c); }
bool IsLowerLetter(char32_t c) { return IsAsciiLower(c) || IsIn(internal::LowerTable(), c); }
bool IsDecimalDigit(char32_t c) {
  return (c >= '0' && c <= '9') || IsIn(internal::DigitsTable(), c);
}

std::optional<int> DigitValue(char32_t c) {
  if (c < 0x80)
    return c >= '0' && c <= '9' ? std::optional(static_cast<int>(c - '0')) : std::nullopt;
  // The digits of a script stand together, from its zero on.
  const auto* const range = Find(internal::DigitsTable(), c);
  if (range == nullptr) return std::nullopt;
  return static_cast<int>((c - range->first) % 10);
}

std::string Upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) AppendUpper(NextCharacter(text, at), out);
  return out;
}

std::string Lower(std::string_view text) {
  if (!IsAscii(text)) return LowerBehind(text, [](char32_t) { return false; });
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
  }
  return out;
}

std::string InitCap(std::string_view text) {
  char32_t before = ' ';
  return LowerBehind(text, [&](char32_t c) {
    const bool is_first = before == ' ';
    before = c;
    return is_first;
  });
}

}  // namespace st::spark_values
