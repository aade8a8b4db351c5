#include "base/partition_transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "base/coding.h"
#include "base/text.h"

namespace st {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;
constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

struct KindName {
  TransformKind kind;
  std::string_view iceberg;
  std::string_view suffix;  // of a field's name
};
constexpr std::array kKinds = {
    KindName{TransformKind::kIdentity, "identity", ""},
    KindName{TransformKind::kBucket, "bucket", "_bucket"},
    KindName{TransformKind::kTruncate, "truncate", "_trunc"},
    KindName{TransformKind::kYear, "year", "_year"},
    KindName{TransformKind::kMonth, "month", "_month"},
    KindName{TransformKind::kDay, "day", "_day"},
    KindName{TransformKind::kHour, "hour", "_hour"},
    KindName{TransformKind::kVoid, "void", "_null"},
};

const KindName& NamesOf(TransformKind kind) {
  return *std::ranges::find(kKinds, kind, &KindName::kind);
}

bool HasParameter(TransformKind kind) {
  return kind == TransformKind::kBucket || kind == TransformKind::kTruncate;
}

std::int64_t FloorDiv(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::string Int(std::int64_t value) {
  std::string out;
  AppendLittle(out, static_cast<std::int32_t>(value));
  return out;
}

// An int, date, long, time or timestamp. nullopt: the bytes are not as long as the type's.
std::optional<std::int64_t> IntegerOf(const ColumnType& type, std::string_view value) {
  const bool is_short = type.kind == TypeKind::kInt || type.kind == TypeKind::kDate;
  // A value of before its column became a long.
  if (value.size() == sizeof(std::int32_t)) return LoadLittle<std::int32_t>(value);
  if (is_short || value.size() != sizeof(std::int64_t)) return std::nullopt;
  return LoadLittle<std::int64_t>(value);
}

__int128 DecimalOf(std::string_view big_endian) {
  unsigned __int128 bits =
      !big_endian.empty() && (big_endian[0] & 0x80) != 0 ? ~static_cast<unsigned __int128>(0) : 0;
  for (const char c : big_endian) bits = bits << 8 | static_cast<std::uint8_t>(c);
  return static_cast<__int128>(bits);
}

// The shortest big-endian two's complement.
std::string DecimalBytes(__int128 value) {
  std::string out;
  for (int shift = 120; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<unsigned __int128>(value) >> shift));
  }
  const char sign = value < 0 ? '\xff' : '\0';
  std::size_t skip = 0;
  while (skip + 1 < out.size() && out[skip] == sign && ((out[skip + 1] ^ sign) & 0x80) == 0) ++skip;
  return out.substr(skip);
}

std::size_t BytesOfCharacters(std::string_view text, int characters) {
  std::size_t end = 0;
  for (; end < text.size() && characters > 0; --characters) {
    ++end;
    while (end < text.size() && (text[end] & 0xc0) == 0x80) ++end;
  }
  return end;
}

std::optional<std::string> Truncate(std::int64_t width, const ColumnType& type,
                                    std::string_view value) {
  switch (type.kind) {
    case TypeKind::kString:
      return std::string(value.substr(0, BytesOfCharacters(value, static_cast<int>(width))));
    case TypeKind::kBinary:
      return std::string(value.substr(0, static_cast<std::size_t>(width)));
    case TypeKind::kDecimal: {
      const auto number = DecimalOf(value);
      const auto rest = number % width;
      return DecimalBytes(number - (rest < 0 ? rest + width : rest));
    }
    default:
      break;
  }
  const auto number = IntegerOf(type, value);
  if (!number) return std::nullopt;
  const auto rest = *number % width;
  // Below the least number it wraps around, as Iceberg's own implementation does.
  const auto truncated =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(*number) -
                                static_cast<std::uint64_t>(rest < 0 ? rest + width : rest));
  if (type.kind == TypeKind::kInt) return Int(truncated);
  std::string out;
  AppendLittle(out, truncated);
  return out;
}

std::optional<std::string> Bucket(int buckets, const ColumnType& type, std::string_view value) {
  std::string number;
  switch (type.kind) {
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kDecimal:
    case TypeKind::kUuid:
      break;
    default: {
      const auto integer = IntegerOf(type, value);
      if (!integer) return std::nullopt;
      AppendLittle(number, *integer);  // an int hashes as the long of its value
      value = number;
    }
  }
  return Int(static_cast<std::int64_t>(Murmur3(value) & 0x7fffffff) % buckets);
}

std::chrono::year_month_day DateOf(std::int64_t days) {
  return std::chrono::sys_days(std::chrono::days(days));
}

std::optional<std::string> Time(TransformKind kind, const ColumnType& type,
                                std::string_view value) {
  const auto number = IntegerOf(type, value);
  if (!number) return std::nullopt;
  if (kind == TransformKind::kHour) return Int(FloorDiv(*number, kMicrosPerHour));
  const auto days = type.kind == TypeKind::kDate ? *number : FloorDiv(*number, kMicrosPerDay);
  if (kind == TransformKind::kDay) return Int(days);
  // std::chrono::year ends at 32767; the calendar repeats every 400 years of 146,097 days.
  const auto cycles = FloorDiv(days, 146'097);
  const auto date = DateOf(days - cycles * 146'097);
  const auto years = static_cast<int>(date.year()) - 1970 + cycles * 400;
  if (kind == TransformKind::kYear) return Int(years);
  return Int(years * 12 + static_cast<unsigned>(date.month()) - 1);
}

std::string DateText(std::int64_t days) {
  const auto cycles = FloorDiv(days, 146'097);
  const auto date = DateOf(days - cycles * 146'097);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()) + cycles * 400,
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string TimeText(std::int64_t micros) {
  const auto seconds = micros / kMicrosPerSecond;
  auto text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (const auto rest = micros % kMicrosPerSecond; rest != 0) text += fmt::format(".{:06}", rest);
  return text;
}

std::string DecimalText(__int128 value, int scale) {
  const bool is_negative = value < 0;
  auto magnitude = static_cast<unsigned __int128>(value);
  if (is_negative) magnitude = ~magnitude + 1;
  std::string digits;
  for (; magnitude != 0 || std::ssize(digits) <= scale; magnitude /= 10) {
    digits.push_back(static_cast<char>('0' + static_cast<int>(magnitude % 10)));
  }
  std::ranges::reverse(digits);
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  return (is_negative ? "-" : "") + digits;
}

template <typename Float, typename Bits>
Float FloatOf(std::string_view value) {
  return value.size() == sizeof(Bits) ? std::bit_cast<Float>(LoadLittle<Bits>(value)) : Float{};
}

std::string ValueText(const ColumnType& type, std::string_view value) {
  switch (type.kind) {
    case TypeKind::kString:
      return std::string(value);
    case TypeKind::kBinary:
    case TypeKind::kUnknown:
      return Base64Encode(value);
    case TypeKind::kBoolean:
      return value == "\1" ? "true" : "false";
    case TypeKind::kFloat:
      return fmt::format("{}", FloatOf<float, std::uint32_t>(value));
    case TypeKind::kDouble:
      return fmt::format("{}", FloatOf<double, std::uint64_t>(value));
    case TypeKind::kDecimal:
      return DecimalText(DecimalOf(value), type.scale);
    case TypeKind::kUuid:
      return value.size() == 16 ? LoadUuid(value).ToString() : HexEncode(value);
    default:
      break;
  }
  const auto number = IntegerOf(type, value).value_or(0);
  if (type.kind == TypeKind::kDate) return DateText(number);
  if (type.kind == TypeKind::kTime) return TimeText(number);
  if (type.is_integer()) return fmt::format("{}", number);
  const auto day = FloorDiv(number, kMicrosPerDay);
  return fmt::format("{}T{}{}", DateText(day), TimeText(number - day * kMicrosPerDay),
                     type.kind == TypeKind::kTimestampTz ? "+00:00" : "");
}

template <typename T>
int Order(T a, T b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Bits of a floating point number as an integer of the same order.
template <typename Bits>
std::make_signed_t<Bits> OrderedBits(std::string_view value) {
  using Signed = std::make_signed_t<Bits>;
  const auto bits = value.size() == sizeof(Bits) ? LoadLittle<Signed>(value) : Signed{};
  return bits < 0 ? static_cast<Signed>(bits ^ std::numeric_limits<Signed>::max()) : bits;
}

std::string_view TypesOf(TransformKind kind) {
  switch (kind) {
    case TransformKind::kBucket:
      return "int, long, decimal, date, time, timestamp, string, uuid or binary";
    case TransformKind::kTruncate:
      return "int, long, decimal, string or binary";
    case TransformKind::kHour:
      return "timestamp";
    default:
      return "date or timestamp";
  }
}

bool Takes(TransformKind kind, TypeKind type) {
  const bool is_timestamp = type == TypeKind::kTimestamp || type == TypeKind::kTimestampTz;
  const bool is_sliceable = type == TypeKind::kInt || type == TypeKind::kLong ||
                            type == TypeKind::kDecimal || type == TypeKind::kString ||
                            type == TypeKind::kBinary;
  switch (kind) {
    case TransformKind::kIdentity:
    case TransformKind::kVoid:
      return type != TypeKind::kUnknown;
    case TransformKind::kBucket:
      return is_sliceable || is_timestamp || type == TypeKind::kDate || type == TypeKind::kTime ||
             type == TypeKind::kUuid;
    case TransformKind::kTruncate:
      return is_sliceable;
    case TransformKind::kHour:
      return is_timestamp;
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay:
      return is_timestamp || type == TypeKind::kDate;
  }
  return false;
}

}  // namespace

std::string IcebergName(const PartitionTransform& transform) {
  const auto name = NamesOf(transform.kind).iceberg;
  if (!HasParameter(transform.kind)) return std::string(name);
  return fmt::format("{}[{}]", name, transform.parameter);
}

std::optional<PartitionTransform> TransformFromIceberg(std::string_view name) {
  const auto bracket = name.find('[');
  const auto* found = std::ranges::find(kKinds, name.substr(0, bracket), &KindName::iceberg);
  if (found == kKinds.end()) return std::nullopt;
  if (!HasParameter(found->kind)) {
    if (bracket != std::string_view::npos) return std::nullopt;
    return PartitionTransform{.kind = found->kind};
  }
  if (bracket == std::string_view::npos || !name.ends_with(']')) return std::nullopt;
  const auto parameter = ParseInt64(name.substr(bracket + 1, name.size() - bracket - 2));
  if (!parameter || *parameter < 1 || *parameter > INT32_MAX) return std::nullopt;
  return PartitionTransform{.kind = found->kind, .parameter = static_cast<int>(*parameter)};
}

std::string Describe(const PartitionTransform& transform, std::string_view column) {
  if (transform.kind == TransformKind::kIdentity) return std::string(column);
  const auto name = NamesOf(transform.kind).iceberg;
  if (!HasParameter(transform.kind)) return fmt::format("{}({})", name, column);
  return fmt::format("{}({}, {})", name, transform.parameter, column);
}

std::string FieldNameOf(const PartitionTransform& transform, std::string_view column) {
  return fmt::format("{}{}", column, NamesOf(transform.kind).suffix);
}

Result<ColumnType> ResultTypeOf(const PartitionTransform& transform, const ColumnType& source) {
  if (!Takes(transform.kind, source.kind)) {
    return Fail(ErrorCode::kInvalidArgument, "{} takes a column of type {}, not {}",
                NamesOf(transform.kind).iceberg, TypesOf(transform.kind), IcebergName(source));
  }
  switch (transform.kind) {
    case TransformKind::kIdentity:
    case TransformKind::kTruncate:
    case TransformKind::kVoid:
      return source;
    case TransformKind::kDay:
      return ColumnType{.kind = TypeKind::kDate};
    default:
      return ColumnType{.kind = TypeKind::kInt};
  }
}

std::optional<std::string> Apply(const PartitionTransform& transform, const ColumnType& source,
                                 const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  switch (transform.kind) {
    case TransformKind::kIdentity:
      return value;
    case TransformKind::kBucket:
      return Bucket(transform.parameter, source, *value);
    case TransformKind::kTruncate:
      return Truncate(transform.parameter, source, *value);
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay:
    case TransformKind::kHour:
      return Time(transform.kind, source, *value);
    case TransformKind::kVoid:
      break;
  }
  return std::nullopt;
}

std::uint32_t Murmur3(std::string_view bytes) {
  constexpr std::uint32_t kFirst = 0xcc9e2d51;
  constexpr std::uint32_t kSecond = 0x1b873593;
  std::uint32_t hash = 0;
  const auto mixed = [](std::uint32_t block) { return std::rotl(block * kFirst, 15) * kSecond; };
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    hash ^= mixed(LoadLittle<std::uint32_t>(bytes.substr(at)));
    hash = std::rotl(hash, 13) * 5 + 0xe6546b64;
  }
  std::uint32_t tail = 0;
  for (std::size_t i = bytes.size(); i > at; --i) {
    tail = tail << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  }
  hash ^= mixed(tail);
  hash ^= static_cast<std::uint32_t>(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85ebca6b;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35;
  return hash ^ hash >> 16;
}

int CompareValues(const ColumnType& type, std::string_view a, std::string_view b) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return Order(DecimalOf(a), DecimalOf(b));
    case TypeKind::kFloat:
      return Order(OrderedBits<std::uint32_t>(a), OrderedBits<std::uint32_t>(b));
    case TypeKind::kDouble:
      return Order(OrderedBits<std::uint64_t>(a), OrderedBits<std::uint64_t>(b));
    case TypeKind::kInt:
    case TypeKind::kLong:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return Order(IntegerOf(type, a).value_or(0), IntegerOf(type, b).value_or(0));
    default:
      return Order(a, b);
  }
}

std::string Readable(const PartitionTransform& transform, const ColumnType& source,
                     const std::optional<std::string>& value) {
  if (!value || transform.kind == TransformKind::kVoid) return "null";
  const auto number = [&] { return IntegerOf({.kind = TypeKind::kInt}, *value).value_or(0); };
  switch (transform.kind) {
    case TransformKind::kYear:
      return fmt::format("{:04}", 1970 + number());
    case TransformKind::kMonth:
      return fmt::format("{:04}-{:02}", 1970 + FloorDiv(number(), 12),
                         number() - FloorDiv(number(), 12) * 12 + 1);
    case TransformKind::kDay:
      return DateText(number());
    case TransformKind::kHour:
      return fmt::format("{}-{:02}", DateText(FloorDiv(number(), 24)),
                         number() - FloorDiv(number(), 24) * 24);
    case TransformKind::kBucket:
      return fmt::format("{}", number());
    default:
      return ValueText(source, *value);
  }
}

}  // namespace st
