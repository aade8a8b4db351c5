// The order of values that lie in arrays, by their types. DuckDB compares so, and -0.0 equals 0.0.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "lake/chunk_statistics.h"

namespace st::lake {

enum class Order { kNone, kInteger, kDecimal, kFloating, kText };

// kNone: types without an order here (binary, uuid, boolean, float).
inline Order OrderOf(TypeKind kind) {
  constexpr auto kIntegers =
      std::to_array({TypeKind::kInt, TypeKind::kLong, TypeKind::kDate, TypeKind::kTime,
                     TypeKind::kTimestamp, TypeKind::kTimestampTz});
  if (std::ranges::find(kIntegers, kind) != kIntegers.end()) return Order::kInteger;
  if (kind == TypeKind::kDecimal) return Order::kDecimal;
  if (kind == TypeKind::kDouble) return Order::kFloating;
  if (kind == TypeKind::kString) return Order::kText;
  return Order::kNone;
}

// Each order reads the key of a value, which has that order. A file that was written before its
// column was widened has shorter values. nullopt: there is none, or it has a wrong length.

// Numbers without a fraction, and times.
struct IntegerOrder {
  static constexpr bool kHasNaN = false;
  static std::optional<std::int64_t> KeyAt(const ByteColumn& values, std::size_t i) {
    const auto length = values.length(i);
    if (length == sizeof(std::int64_t)) return static_cast<std::int64_t>(values.first(i));
    if (length == sizeof(std::int32_t)) return static_cast<std::int32_t>(values.first(i));
    return std::nullopt;
  }
};

struct FloatingOrder {
  static constexpr bool kHasNaN = true;
  static std::optional<double> KeyAt(const ByteColumn& values, std::size_t i) {
    const auto length = values.length(i);
    const auto bits = values.first(i);
    if (length == sizeof(double)) return std::bit_cast<double>(bits);
    if (length != sizeof(float)) return std::nullopt;
    return double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))};
  }
};

// Decimals without their point.
struct DecimalOrder {
  static constexpr bool kHasNaN = false;
  static std::optional<__int128> KeyAt(const ByteColumn& values, std::size_t i) {
    if (!values.Has(i) || values.length(i) == 0) return std::nullopt;
    const auto rest = values.rest(i);
    const auto bits = std::byteswap(values.first(i));
    const auto length = values.length(i);
    if (length <= ByteColumn::kFirstBytes) {
      return static_cast<std::int64_t>(bits) >> (8 * (ByteColumn::kFirstBytes - length));
    }
    if (rest.size() > sizeof(__int128) - ByteColumn::kFirstBytes) return std::nullopt;
    auto value = static_cast<unsigned __int128>(__int128{static_cast<std::int64_t>(bits)});
    for (const char c : rest) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<__int128>(value);
  }
};

struct TextOrder {
  static constexpr bool kHasNaN = false;
  struct Key {
    std::uint64_t first;  // big endian
    std::size_t length;   // tells a text from the same one with zeros behind it
    std::string_view rest;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  static std::optional<Key> KeyAt(const ByteColumn& values, std::size_t i) {
    if (!values.Has(i)) return std::nullopt;
    return Key{std::byteswap(values.first(i)), values.length(i), values.rest(i)};
  }
};

// The keys of all values, in order; fewer where a value has none.
template <typename KeyOrder>
auto KeysOf(const ByteColumn& values) {
  std::vector<typename decltype(KeyOrder::KeyAt(values, 0))::value_type> keys;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (auto key = KeyOrder::KeyAt(values, i)) keys.push_back(*key);
  }
  std::ranges::sort(keys);
  return keys;
}

// Calls `visit` with the type of the order; not with kNone.
template <typename Visit>
void WithOrder(Order order, Visit visit) {
  switch (order) {
    case Order::kInteger:
      return visit(IntegerOrder());
    case Order::kDecimal:
      return visit(DecimalOrder());
    case Order::kFloating:
      return visit(FloatingOrder());
    case Order::kText:
      return visit(TextOrder());
    case Order::kNone:
      return;
  }
}

}  // namespace st::lake
