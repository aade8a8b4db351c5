// Texts and bytes into each other: hexadecimal, base64, character sets, URLs. Pure.
//
// Errors: kInvalidArgument with Spark's error class.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spark_values/values.h"

namespace st::spark_values {

std::string Hex(std::string_view bytes);  // upper case
// An odd number of digits has a 0 before it; nullopt: another character.
std::optional<Binary> Unhex(std::string_view digits);

std::string Base64(std::string_view bytes);
// As RFC 2045: characters of no digit are skipped.
Result<Binary> Unbase64(std::string_view text);
// As RFC 4648 demands, white space apart.
bool IsStrictBase64(std::string_view text);

// The character sets of Java that Spark takes.
enum class CharacterSet { kUtf8, kUtf16, kUtf16Be, kUtf16Le, kAscii, kLatin1 };
std::optional<CharacterSet> CharacterSetOf(std::string_view name);  // in any case
// kInvalidArgument: a character that the set has not.
Result<Binary> Encode(std::string_view text, CharacterSet set);
// kInvalidArgument: bytes that are no text of the set.
Result<std::string> Decode(std::string_view bytes, CharacterSet set);

// Well-formed UTF-8: a bad sequence is U+FFFD, as Java's decoder replaces it.
std::string MakeValidUtf8(std::string_view bytes);
// As Java's String shows the bytes of a text: half a surrogate pair in three bytes is one U+FFFD.
std::string TextOfBytes(std::string_view bytes);

// application/x-www-form-urlencoded, as Java's URLEncoder and URLDecoder.
std::string UrlEncode(std::string_view text);
Result<std::string> UrlDecode(std::string_view text);

}  // namespace st::spark_values
