// Classes of ASCII characters. Pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace st {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// 0 to 15; -1: no hexadecimal digit.
constexpr int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
constexpr bool IsHexDigit(char c) { return HexValue(c) >= 0; }

// Each character is a letter, a digit or one of `others`.
constexpr bool ConsistsOf(std::string_view text, std::string_view others) {
  return std::ranges::all_of(
      text, [others](char c) { return IsLetter(c) || IsDigit(c) || others.contains(c); });
}

}  // namespace st
