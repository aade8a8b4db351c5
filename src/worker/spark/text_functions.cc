#include "worker/spark/text_functions.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "spark_values/case.h"
#include "spark_values/limits.h"
#include "spark_values/text.h"
#include "worker/spark/adapt.h"
#include "worker/spark/json_path.h"

namespace st::worker::spark {
namespace {

namespace values = spark_values;
using std::int32_t;
using std::int64_t;
using std::string;
using std::string_view;
using values::Binary;
using values::Bytes;

// Spark's lpad and rpad of binaries repeat the pad, or zero bytes.
string Pad(string_view bytes, int32_t length, string_view pad) {
  string out;
  const auto wanted = static_cast<std::size_t>(std::max(length, 0));
  while (!pad.empty() && bytes.size() + out.size() < wanted) {
    out += pad.substr(0, wanted - bytes.size() - out.size());
  }
  return out;
}

Status RequireRoom(int32_t length) {
  if (length <= static_cast<int32_t>(values::kMaxMadeBytes)) return {};
  return Fail(ErrorCode::kInvalidArgument, "{} bytes would be made; the limit is {}", length,
              values::kMaxMadeBytes);
}

Result<Binary> PadLeftBinary(Bytes bytes, int32_t length, Bytes pad) {
  ST_TRY_STATUS(RequireRoom(length));
  if (length <= static_cast<int32_t>(bytes.bytes.size())) {
    return Binary{string(bytes.bytes.substr(0, static_cast<std::size_t>(std::max(length, 0))))};
  }
  return Binary{Pad(bytes.bytes, length, pad.bytes) + string(bytes.bytes)};
}

Result<Binary> PadRightBinary(Bytes bytes, int32_t length, Bytes pad) {
  ST_TRY_STATUS(RequireRoom(length));
  if (length <= static_cast<int32_t>(bytes.bytes.size())) {
    return Binary{string(bytes.bytes.substr(0, static_cast<std::size_t>(std::max(length, 0))))};
  }
  return Binary{string(bytes.bytes) + Pad(bytes.bytes, length, pad.bytes)};
}

Result<Binary> PadLeftZeros(Bytes bytes, int32_t length) {
  return PadLeftBinary(bytes, length, {string_view("\0", 1)});
}
Result<Binary> PadRightZeros(Bytes bytes, int32_t length) {
  return PadRightBinary(bytes, length, {string_view("\0", 1)});
}

// As of texts, with bytes for characters.
string_view SubBytes(string_view bytes, int32_t position, int32_t length) {
  if (length <= 0) return {};
  const auto size = static_cast<int64_t>(bytes.size());
  const int64_t start = position > 0 ? int64_t{position} - 1 : position < 0 ? size + position : 0;
  const int64_t end = std::min(start + length, size);
  const int64_t from = std::clamp<int64_t>(start, 0, size);
  return bytes.substr(static_cast<std::size_t>(from),
                      static_cast<std::size_t>(std::max<int64_t>(end - from, 0)));
}

Binary SubstringBinary(Bytes bytes, int32_t position, int32_t length) {
  return {string(SubBytes(bytes.bytes, position, length))};
}

Binary LeftBinary(Bytes bytes, int32_t length) { return SubstringBinary(bytes, 1, length); }

Binary OverlayBinary(Bytes bytes, Bytes replacement, int32_t position, int32_t length) {
  const int32_t replaced = length >= 0 ? length : static_cast<int32_t>(replacement.bytes.size());
  string out(SubBytes(bytes.bytes, 1, position - 1));
  out += replacement.bytes;
  out += SubBytes(bytes.bytes, position + replaced, std::numeric_limits<int32_t>::max());
  return {out};
}

string_view Left(string_view text, int32_t length) { return values::Substring(text, 1, length); }

string_view Right(string_view text, int32_t length) {
  if (length <= 0) return {};
  return values::Substring(text, -length, std::numeric_limits<int32_t>::max());
}

Result<string_view> SplitPart(string_view text, string_view delimiter, int32_t number) {
  if (number == 0) {
    return Fail(ErrorCode::kInvalidArgument, "[INVALID_INDEX_OF_ZERO] parts count from 1 or -1");
  }
  if (delimiter.empty()) return number == 1 || number == -1 ? text : string_view();
  std::vector<string_view> parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(delimiter); at != string_view::npos;
       at = text.find(delimiter, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + delimiter.size();
  }
  parts.push_back(text.substr(from));
  const int64_t index =
      number > 0 ? int64_t{number} - 1 : static_cast<int64_t>(parts.size()) + number;
  if (index < 0 || index >= static_cast<int64_t>(parts.size())) return string_view();
  return parts[static_cast<std::size_t>(index)];
}

// Nowhere is 0, also where no start is given.
std::optional<int32_t> Locate(std::optional<string_view> part, std::optional<string_view> text,
                              std::optional<int32_t> start) {
  if (!start) return 0;
  if (!part || !text) return std::nullopt;
  return values::Locate(*part, *text, *start);
}

string MaskText(string_view text, string_view upper, string_view lower, string_view digit,
                string_view other) {
  return values::Mask(text, {.upper = upper, .lower = lower, .digit = digit, .other = other});
}

int32_t BitLength(string_view text) { return static_cast<int32_t>(text.size() * 8); }
int32_t BitLengthBinary(Bytes bytes) { return BitLength(bytes.bytes); }
bool StartsWith(Bytes bytes, Bytes part) { return bytes.bytes.starts_with(part.bytes); }
bool EndsWith(Bytes bytes, Bytes part) { return bytes.bytes.ends_with(part.bytes); }
bool Contains(Bytes bytes, Bytes part) { return bytes.bytes.contains(part.bytes); }

}  // namespace

std::vector<sql::ScalarFunction> TextFunctions() {
  return {
      Adapt<values::Lower>("spark_lower"),
      Adapt<values::Upper>("spark_upper"),
      Adapt<values::InitCap>("spark_initcap"),
      Adapt<values::TrimBoth>("spark_trim"),
      Adapt<values::TrimLeft>("spark_ltrim"),
      Adapt<values::TrimRight>("spark_rtrim"),
      Adapt<values::Reverse>("spark_reverse"),
      Adapt<values::PadLeft>("spark_lpad"),
      Adapt<values::PadRight>("spark_rpad"),
      Adapt<PadLeftBinary>("spark_lpad_binary"),
      Adapt<PadRightBinary>("spark_rpad_binary"),
      Adapt<PadLeftZeros>("spark_lpad_zeros"),
      Adapt<PadRightZeros>("spark_rpad_zeros"),
      Adapt<values::Repeat>("spark_repeat"),
      Adapt<values::Space>("spark_space"),
      Adapt<values::Translate>("spark_translate"),
      Adapt<values::Overlay>("spark_overlay"),
      Adapt<OverlayBinary>("spark_overlay_binary"),
      Adapt<values::Replace>("spark_replace"),
      Adapt<Locate>("spark_locate"),
      Adapt<values::SubstringIndex>("spark_substring_index"),
      Adapt<values::Substring>("spark_substring"),
      Adapt<SubstringBinary>("spark_substring_binary"),
      Adapt<Left>("spark_left"),
      Adapt<LeftBinary>("spark_left_binary"),
      Adapt<Right>("spark_right"),
      Adapt<SplitPart>("spark_split_part"),
      Adapt<StartsWith>("spark_starts_with_binary"),
      Adapt<EndsWith>("spark_ends_with_binary"),
      Adapt<Contains>("spark_contains_binary"),
      Adapt<values::FindInSet>("spark_find_in_set"),
      Adapt<values::Ascii>("spark_ascii"),
      Adapt<values::Chr>("spark_chr"),
      Adapt<values::Levenshtein>("spark_levenshtein"),
      Adapt<values::LevenshteinWithin>("spark_levenshtein_within"),
      Adapt<values::Soundex>("spark_soundex"),
      Adapt<values::PassesLuhn>("spark_luhn_check"),
      Adapt<values::Quote>("spark_quote"),
      Adapt<MaskText>("spark_mask"),
      Adapt<AtJsonPath>("spark_json_path"),
      Adapt<BitLength>("spark_bit_length"),
      Adapt<BitLengthBinary>("spark_bit_length_binary"),
  };
}

}  // namespace st::worker::spark
