// Small text tools that every module needs: hex, base64, nearest name, splitting.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace st {

// Lower-case hexadecimal of `bytes`.
std::string HexEncode(std::string_view bytes);
// nullopt on an odd length or a character that is not hexadecimal.
std::optional<std::string> HexDecode(std::string_view hex);
// RFC 4648 with padding.
std::string Base64Encode(std::string_view bytes);
std::optional<std::string> Base64Decode(std::string_view text);

// The candidate with the smallest edit distance to `name`, if it is near enough to be meant
// (at most a third of the longer length, at least 2; 1 where one has under four letters); for "did
// you mean".
std::optional<std::string> NearestName(std::string_view name,
                                       std::span<const std::string> candidates);

std::vector<std::string_view> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);
std::string AsciiLower(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// The whole of `text` as a decimal integer in the type's range, else nullopt.
std::optional<std::int64_t> ParseInt64(std::string_view text);

// True when every byte sequence in `text` is well-formed UTF-8 (no overlong form, no surrogate).
bool IsUtf8(std::string_view text);

}  // namespace st
