#include "spark_values/utf8.h"

#include <algorithm>

namespace st::spark_values {

std::int64_t CountCharacters(std::string_view text) {
  return std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

std::size_t ByteOfCharacter(std::string_view text, std::int64_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += CharacterBytes(text[at]);
  return std::min(at, text.size());
}

char32_t NextCharacter(std::string_view text, std::size_t& at) {
  const std::size_t bytes = CharacterBytes(text[at]);
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  char32_t character = byte(0);
  if (bytes == 2) character = (byte(0) & 0x1FU) << 6 | (byte(1) & 0x3FU);
  if (bytes == 3) {
    character = (byte(0) & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
  }
  if (bytes == 4) {
    character = (byte(0) & 0x07U) << 18 | (byte(1) & 0x3FU) << 12 | (byte(2) & 0x3FU) << 6 |
                (byte(3) & 0x3FU);
  }
  at = std::min(at + bytes, text.size());
  return character;
}

void AppendCharacter(char32_t character, std::string& to) {
  const auto put = [&](char32_t byte) {
    to += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xC0U | character >> 6);
  } else if (character < 0x10000) {
    put(0xE0U | character >> 12);
    put(0x80U | (character >> 6 & 0x3FU));
  } else {
    put(0xF0U | character >> 18);
    put(0x80U | (character >> 12 & 0x3FU));
    put(0x80U | (character >> 6 & 0x3FU));
  }
  put(0x80U | (character & 0x3FU));
}

}  // namespace st::spark_values
