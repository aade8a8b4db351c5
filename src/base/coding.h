// Bytes of our formats and of the protocols: fixed-width integers, big endian (Kafka) and little
// endian (our files, Avro), varints, ids, and one reader of all of them.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/ids.h"

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

// The 16 bytes of an id, a view of it.
inline std::string_view BytesOf(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size()};
}
inline void AppendUuid(std::string& out, const Uuid& id) { out += BytesOf(id); }
// Requires: bytes.size() >= 16.
inline Uuid LoadUuid(std::string_view bytes) {
  std::array<std::uint8_t, 16> raw{};
  std::memcpy(raw.data(), bytes.data(), raw.size());
  return Uuid(raw);
}

// LEB128: seven bits a byte, the lowest first; at most ten bytes.
inline void AppendVarint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}
inline std::size_t VarintBytes(std::uint64_t value) {
  std::size_t n = 1;
  for (; value >= 0x80; value >>= 7) ++n;
  return n;
}
// Maps numbers near 0 of either sign to small unsigned ones, for varints of Kafka and Avro.
constexpr std::uint64_t ZigZag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t UnZigZag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

// Bits of a varint's tenth byte above the 64th: the varint is malformed, or they are dropped.
enum class HighBits { kRefuse, kDrop };

// Reads fields from the front of hostile bytes. A field that is cut short or malformed breaks the
// reader: ok() is false from then on, and every field reads as zero or empty.
//
// Threads: one thread.
// Owner:   the bytes must outlive the reader and what it gave.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <std::integral T>
  T Little() {
    const auto raw = Bytes(sizeof(T));
    return raw.size() == sizeof(T) ? LoadLittle<T>(raw) : T{};
  }
  template <std::integral T>
  T Big() {
    const auto raw = Bytes(sizeof(T));
    return raw.size() == sizeof(T) ? LoadBig<T>(raw) : T{};
  }
  std::uint64_t Varint(HighBits high_bits = HighBits::kRefuse) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(left_.front());
      left_.remove_prefix(1);
      if (shift == 63 && byte > 1 && high_bits == HighBits::kRefuse) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    Break();
    return 0;
  }
  // A negative length, converted to unsigned, is too long for any bytes and breaks the reader.
  std::string_view Bytes(std::uint64_t n) {
    if (n > left_.size()) {
      Break();
      return {};
    }
    const auto taken = left_.substr(0, n);
    left_.remove_prefix(n);
    return taken;
  }
  Uuid Id() {
    const auto raw = Bytes(sizeof(Uuid));
    return raw.empty() ? Uuid() : LoadUuid(raw);
  }

  // The bytes that were not read; empty once the reader is broken.
  std::string_view left() const { return left_; }
  bool ok() const { return ok_; }
  // Every byte was read, and every field was well formed.
  bool is_at_end() const { return ok_ && left_.empty(); }
  // For a caller that finds a field out of its limits.
  void Break() {
    ok_ = false;
    left_ = {};
  }

 private:
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace st
