// The characters of UTF-8 texts, as the functions of this module walk over them. Pure.
//
// Texts are well-formed UTF-8, so the first byte of a character tells its length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace st::spark_values {

// The bytes of the character that begins with `first`.
inline std::size_t CharacterBytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// The number of characters.
std::int64_t CountCharacters(std::string_view text);
// The byte at which character `index` begins; the text's size where it has no more.
std::size_t ByteOfCharacter(std::string_view text, std::int64_t index);
// The code point of the character at byte `at`, which moves behind it. Requires: at < text.size().
char32_t NextCharacter(std::string_view text, std::size_t& at);
void AppendCharacter(char32_t character, std::string& to);

}  // namespace st::spark_values
