#include "base/quote.h"

#include <algorithm>

namespace st {

std::string Quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}

std::string ShellWord(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=:,./@%";
  // Bytes beyond ASCII are letters to every shell.
  const bool is_plain = !text.empty() && std::ranges::all_of(text, [&](char c) {
    return kPlain.contains(c) || static_cast<unsigned char>(c) >= 0x80;
  });
  if (is_plain) return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace st
