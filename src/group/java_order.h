// The order in which Java's HashMap and HashSet give their elements. Kafka's assignors go through
// such maps, so who gets which partition depends on it.
//
// Pure. Elements of one bucket, which Java has in the order of their insertion, are in the order in
// which they are given here.
// Source: OpenJDK 17, java.util.HashMap.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "base/ids.h"

namespace st::group {

// Of UTF-16 units in Java; of bytes here, which are the same for ASCII.
constexpr std::uint32_t JavaHash(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) hash = hash * 31 + static_cast<unsigned char>(c);
  return hash;
}
constexpr std::uint32_t JavaHash(std::int32_t number) { return static_cast<std::uint32_t>(number); }
// Of Kafka's Uuid.
inline std::uint32_t JavaHash(const Uuid& id) {
  const std::string_view bytes(reinterpret_cast<const char*>(id.bytes().data()), sizeof(Uuid));
  const auto mixed =
      LoadBig<std::uint64_t>(bytes) ^ LoadBig<std::uint64_t>(bytes.substr(sizeof(std::uint64_t)));
  return static_cast<std::uint32_t>(mixed >> 32) ^ static_cast<std::uint32_t>(mixed);
}

inline constexpr std::size_t kFirstTableSize = 16;

// Of a map that grew to `count` elements: it doubles above three quarters.
constexpr std::size_t TableSize(std::size_t count) {
  std::size_t size = kFirstTableSize;
  while (count * 4 > size * 3) size *= 2;
  return size;
}
// Of a set that was made as a copy of `count` elements.
constexpr std::size_t TableSizeOfCopy(std::size_t count) {
  return std::max(kFirstTableSize, std::bit_ceil(count * 4 / 3 + 1));
}

template <typename Element>
std::vector<Element> InJavaOrder(std::vector<Element> elements, std::size_t table_size) {
  std::vector<std::pair<std::size_t, std::size_t>> places;  // bucket and index of each
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto hash = JavaHash(elements[i]);
    places.emplace_back((hash ^ (hash >> 16)) & (table_size - 1), i);
  }
  std::ranges::sort(places);
  std::vector<Element> ordered;
  for (const auto& [bucket, i] : places) ordered.push_back(std::move(elements[i]));
  return ordered;
}

}  // namespace st::group
