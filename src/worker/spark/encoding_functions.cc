#include "worker/spark/encoding_functions.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "spark_values/encoding.h"
#include "spark_values/hash.h"
#include "spark_values/number.h"
#include "spark_values/regex.h"
#include "spark_values/sha2.h"
#include "spark_values/url.h"
#include "worker/spark/adapt.h"

namespace st::worker::spark {
namespace {

namespace values = spark_values;
using std::int32_t;
using std::int64_t;
using std::string;
using std::string_view;
using values::Binary;
using values::Bytes;
using values::Date;
using values::Timestamp;

string HexBinary(Bytes bytes) { return values::Hex(bytes.bytes); }
string HexNumber(int64_t number) { return fmt::format("{:X}", static_cast<std::uint64_t>(number)); }
// The whole part of a number.
Result<string> HexDouble(double number) {
  const auto whole = values::DoubleToLong(number);
  if (whole) return HexNumber(*whole);
  return Fail(ErrorCode::kInvalidArgument, "[CAST_OVERFLOW] cannot cast {} to BIGINT", number);
}
string Base64(Bytes bytes) { return values::Base64(bytes.bytes); }
// Text is UTF-8 everywhere here, so what is none is replaced where it becomes a text.
string BinaryToText(Bytes bytes) { return values::TextOfBytes(bytes.bytes); }

bool IsValidUtf8(Bytes bytes) { return IsUtf8(bytes.bytes); }

Result<Binary> EncodeText(string_view text, string_view set) {
  return values::Encode(text, values::CharacterSetOf(set).value_or(values::CharacterSet::kUtf8));
}
Result<string> DecodeBytes(Bytes bytes, string_view set) {
  return values::Decode(bytes.bytes,
                        values::CharacterSetOf(set).value_or(values::CharacterSet::kUtf8));
}

Result<Binary> ToBinaryHex(string_view text) {
  auto bytes = values::Unhex(text);
  if (bytes) return *std::move(bytes);
  return Fail(ErrorCode::kInvalidArgument, "[CONVERSION_INVALID_INPUT] '{}' is not hexadecimal",
              text.substr(0, 100));
}
Result<Binary> ToBinaryBase64(string_view text) {
  if (values::IsStrictBase64(text)) return values::Unbase64(text);
  return Fail(ErrorCode::kInvalidArgument, "[CONVERSION_INVALID_INPUT] '{}' is not base64",
              text.substr(0, 100));
}
std::optional<Binary> TryToBinaryBase64(string_view text) {
  auto bytes = ToBinaryBase64(text);
  return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
}

std::optional<string> TryUrlDecode(string_view text) {
  auto decoded = values::UrlDecode(text);
  return decoded ? std::optional(*std::move(decoded)) : std::nullopt;
}
std::optional<string> TryParseUrl(string_view url, string_view part) {
  return values::ParseUrl(url, part).value_or(std::nullopt);
}
std::optional<string> TryParseUrlQuery(string_view url, string_view part, string_view key) {
  return values::ParseUrlQuery(url, part, key).value_or(std::nullopt);
}

string Sha224(Bytes bytes) { return values::Sha224(bytes.bytes); }
string Sha384(Bytes bytes) { return values::Sha384(bytes.bytes); }
string Sha512(Bytes bytes) { return values::Sha512(bytes.bytes); }
int64_t Crc32(Bytes bytes) { return values::Crc32(bytes.bytes); }

// A hash of one value after those before; NULL changes nothing.
template <typename T, typename Seed, auto kHash>
Seed HashOne(std::optional<T> value, Seed seed) {
  return value ? kHash(*value, seed) : seed;
}
int32_t HashBytes(Bytes value, int32_t seed) { return values::Murmur3Bytes(value.bytes, seed); }
int32_t HashDate(Date value, int32_t seed) { return values::Murmur3Int(value.days, seed); }
int32_t HashTime(Timestamp value, int32_t seed) { return values::Murmur3Long(value.micros, seed); }
int64_t XxHashBytes(Bytes value, int64_t seed) { return values::XxHashBytes(value.bytes, seed); }
int64_t XxHashDate(Date value, int64_t seed) { return values::XxHashInt(value.days, seed); }
int64_t XxHashTime(Timestamp value, int64_t seed) { return values::XxHashLong(value.micros, seed); }

}  // namespace

std::vector<sql::ScalarFunction> EncodingFunctions() {
  return {
      Adapt<Base64>("spark_base64"),
      Adapt<values::Unbase64>("spark_unbase64"),
      Adapt<values::Hex>("spark_hex"),
      Adapt<HexBinary>("spark_hex_binary"),
      Adapt<HexNumber>("spark_hex_number"),
      Adapt<HexDouble>("spark_hex_double"),
      Adapt<values::Unhex>("spark_unhex"),
      Adapt<values::Unhex>("spark_try_to_binary_hex"),
      Adapt<ToBinaryHex>("spark_to_binary_hex"),
      Adapt<ToBinaryBase64>("spark_to_binary_base64"),
      Adapt<TryToBinaryBase64>("spark_try_to_binary_base64"),
      Adapt<EncodeText>("spark_encode"),
      Adapt<DecodeBytes>("spark_decode"),
      Adapt<IsValidUtf8>("spark_is_valid_utf8"),
      Adapt<BinaryToText>("spark_binary_to_text"),
      Adapt<values::UrlEncode>("spark_url_encode"),
      Adapt<values::UrlDecode>("spark_url_decode"),
      Adapt<TryUrlDecode>("spark_try_url_decode"),
      Adapt<values::ParseUrl>("spark_parse_url"),
      Adapt<values::ParseUrlQuery>("spark_parse_url_query"),
      Adapt<TryParseUrl>("spark_try_parse_url"),
      Adapt<TryParseUrlQuery>("spark_try_parse_url_query"),
      Adapt<Sha224>("spark_sha224"),
      Adapt<Sha384>("spark_sha384"),
      Adapt<Sha512>("spark_sha512"),
      Adapt<Crc32>("spark_crc32"),
      Adapt<HashOne<Bytes, int32_t, HashBytes>>("spark_hash_binary"),
      Adapt<HashOne<string_view, int32_t, values::Murmur3Bytes>>("spark_hash_text"),
      Adapt<HashOne<int32_t, int32_t, values::Murmur3Int>>("spark_hash_int"),
      Adapt<HashOne<int64_t, int32_t, values::Murmur3Long>>("spark_hash_long"),
      Adapt<HashOne<float, int32_t, values::Murmur3Float>>("spark_hash_float"),
      Adapt<HashOne<double, int32_t, values::Murmur3Double>>("spark_hash_double"),
      Adapt<HashOne<Date, int32_t, HashDate>>("spark_hash_date"),
      Adapt<HashOne<Timestamp, int32_t, HashTime>>("spark_hash_timestamp"),
      Adapt<HashOne<Bytes, int64_t, XxHashBytes>>("spark_xxhash_binary"),
      Adapt<HashOne<string_view, int64_t, values::XxHashBytes>>("spark_xxhash_text"),
      Adapt<HashOne<int32_t, int64_t, values::XxHashInt>>("spark_xxhash_int"),
      Adapt<HashOne<int64_t, int64_t, values::XxHashLong>>("spark_xxhash_long"),
      Adapt<HashOne<float, int64_t, values::XxHashFloat>>("spark_xxhash_float"),
      Adapt<HashOne<double, int64_t, values::XxHashDouble>>("spark_xxhash_double"),
      Adapt<HashOne<Date, int64_t, XxHashDate>>("spark_xxhash_date"),
      Adapt<HashOne<Timestamp, int64_t, XxHashTime>>("spark_xxhash_timestamp"),
      Adapt<values::RegexpReplace>("spark_regexp_replace"),
      Adapt<values::RegexpExtract>("spark_regexp_extract"),
      Adapt<values::RegexpCount>("spark_regexp_count"),
      Adapt<values::RegexpSubstr>("spark_regexp_substr"),
      Adapt<values::RegexpInstr>("spark_regexp_instr"),
  };
}

}  // namespace st::worker::spark
