#include "base/percent.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace st {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, PercentRules rules) {
  const std::string_view special = rules.plus_is_space ? "%+" : "%";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto plain = std::min(text.find_first_of(special), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto digits = text.front() == '%' ? text.substr(1, 2) : std::string_view();
    const auto byte = digits.size() == 2 ? HexDecode(digits) : std::nullopt;
    if (byte) {
      out += *byte;
      text.remove_prefix(3);
      continue;
    }
    if (text.front() == '%' && !rules.keeps_bad_escapes) return std::nullopt;
    out += text.front() == '+' ? ' ' : '%';
    text.remove_prefix(1);
  }
  return out;
}

std::string PercentEncodePath(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '/' || IsUnreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace st
