// Zigzag varints as Kafka's records use them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace st::record {

inline std::size_t VarintBytes(std::int64_t value) {
  auto zigzag = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  std::size_t n = 1;
  for (; zigzag >= 0x80; zigzag >>= 7) ++n;
  return n;
}

inline void AppendVarint(std::string& out, std::int64_t value) {
  auto zigzag = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (; zigzag >= 0x80; zigzag >>= 7) out.push_back(static_cast<char>(zigzag | 0x80));
  out.push_back(static_cast<char>(zigzag));
}

// Reads one varint from the front of `bytes`; nullopt when it is truncated or longer than 64 bits.
inline std::optional<std::int64_t> TakeVarint(std::string_view& bytes) {
  std::uint64_t zigzag = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    zigzag |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) {
      return static_cast<std::int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
    }
  }
  return std::nullopt;
}

}  // namespace st::record
