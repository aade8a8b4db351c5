// Fixed-width integers to and from bytes: big endian (Kafka) and little endian (our files, Avro).
#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

namespace st {

// Requires: bytes.size() >= sizeof(T).
template <std::integral T>
T LoadBig(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof(T));
  if constexpr (sizeof(T) > 1) value = std::byteswap(value);
  return value;
}
template <std::integral T>
T LoadLittle(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}
template <std::integral T>
void StoreBig(char* to, T value) {
  if constexpr (sizeof(T) > 1) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof(T));
}
template <std::integral T>
void StoreLittle(char* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}
template <std::integral T>
void AppendBig(std::string& out, T value) {
  char raw[sizeof(T)];
  StoreBig(raw, value);
  out.append(raw, sizeof(T));
}
template <std::integral T>
void AppendLittle(std::string& out, T value) {
  char raw[sizeof(T)];
  StoreLittle(raw, value);
  out.append(raw, sizeof(T));
}
static_assert(std::endian::native == std::endian::little, "steelthread is built for little endian");

}  // namespace st
