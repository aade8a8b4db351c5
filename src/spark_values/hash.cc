#include "spark_values/hash.h"

#include <zlib.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace st::spark_values {
namespace {

template <typename T>
T Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  static_assert(std::endian::native == std::endian::little);
  return value;
}

std::uint32_t MixK(std::uint32_t k) { return std::rotl(k * 0xcc9e2d51U, 15) * 0x1b873593U; }
std::uint32_t MixH(std::uint32_t h, std::uint32_t k) {
  return std::rotl(h ^ MixK(k), 13) * 5 + 0xe6546b64U;
}
std::int32_t Finish(std::uint32_t h, std::uint32_t length) {
  h ^= length;
  h = (h ^ h >> 16) * 0x85ebca6bU;
  h = (h ^ h >> 13) * 0xc2b2ae35U;
  return static_cast<std::int32_t>(h ^ h >> 16);
}

// The bits that Spark hashes: -0.0 is 0.0, and there is one NaN.
std::int64_t BitsOf(double value) {
  if (value == 0) return 0;
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  return std::bit_cast<std::int64_t>(value);
}

std::int32_t BitsOf(float value) {
  if (value == 0) return 0;
  if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
  return std::bit_cast<std::int32_t>(value);
}

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87ULL;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FULL;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9ULL;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63ULL;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5ULL;

std::int64_t Avalanche(std::uint64_t h) {
  h = (h ^ h >> 33) * kPrime2;
  h = (h ^ h >> 29) * kPrime3;
  return static_cast<std::int64_t>(h ^ h >> 32);
}
std::uint64_t XxRound(std::uint64_t h, std::uint64_t input) {
  return std::rotl(h + input * kPrime2, 31) * kPrime1;
}
std::uint64_t MixLong(std::uint64_t h, std::uint64_t input) {
  return std::rotl(h ^ XxRound(0, input), 27) * kPrime1 + kPrime4;
}
std::uint64_t MixInt(std::uint64_t h, std::uint32_t input) {
  return std::rotl(h ^ input * kPrime1, 23) * kPrime2 + kPrime3;
}

}  // namespace

std::int64_t Crc32(std::string_view bytes) {
  return static_cast<std::int64_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::int32_t Murmur3Int(std::int32_t value, std::int32_t seed) {
  return Finish(MixH(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(value)), 4);
}

std::int32_t Murmur3Long(std::int64_t value, std::int32_t seed) {
  const auto bits = static_cast<std::uint64_t>(value);
  const std::uint32_t low =
      MixH(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(bits));
  return Finish(MixH(low, static_cast<std::uint32_t>(bits >> 32)), 8);
}

std::int32_t Murmur3Float(float value, std::int32_t seed) {
  return Murmur3Int(BitsOf(value), seed);
}

std::int32_t Murmur3Double(double value, std::int32_t seed) {
  return Murmur3Long(BitsOf(value), seed);
}

std::int32_t Murmur3Bytes(std::string_view bytes, std::int32_t seed) {
  auto h = static_cast<std::uint32_t>(seed);
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) h = MixH(h, Load<std::uint32_t>(bytes.data() + at));
  for (; at < bytes.size(); ++at) {
    h = MixH(h, static_cast<std::uint32_t>(static_cast<signed char>(bytes[at])));
  }
  return Finish(h, static_cast<std::uint32_t>(bytes.size()));
}

std::int64_t XxHashInt(std::int32_t value, std::int64_t seed) {
  const std::uint64_t h = static_cast<std::uint64_t>(seed) + kPrime5 + 4;
  return Avalanche(MixInt(h, static_cast<std::uint32_t>(value)));
}

std::int64_t XxHashLong(std::int64_t value, std::int64_t seed) {
  const std::uint64_t h = static_cast<std::uint64_t>(seed) + kPrime5 + 8;
  return Avalanche(MixLong(h, static_cast<std::uint64_t>(value)));
}

std::int64_t XxHashFloat(float value, std::int64_t seed) { return XxHashInt(BitsOf(value), seed); }

std::int64_t XxHashDouble(double value, std::int64_t seed) {
  return XxHashLong(BitsOf(value), seed);
}

std::int64_t XxHashBytes(std::string_view bytes, std::int64_t seed) {
  const auto start = static_cast<std::uint64_t>(seed);
  const char* const data = bytes.data();
  std::size_t at = 0;
  std::uint64_t h = start + kPrime5;
  if (bytes.size() >= 32) {
    std::array<std::uint64_t, 4> lanes = {start + kPrime1 + kPrime2, start + kPrime2, start,
                                          start - kPrime1};
    for (; at + 32 <= bytes.size(); at += 32) {
      for (std::size_t i = 0; i < 4; ++i) {
        lanes[i] = XxRound(lanes[i], Load<std::uint64_t>(data + at + 8 * i));
      }
    }
    h = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
        std::rotl(lanes[3], 18);
    for (const std::uint64_t lane : lanes) h = (h ^ XxRound(0, lane)) * kPrime1 + kPrime4;
  }
  h += bytes.size();
  for (; at + 8 <= bytes.size(); at += 8) h = MixLong(h, Load<std::uint64_t>(data + at));
  if (at + 4 <= bytes.size()) {
    h = MixInt(h, Load<std::uint32_t>(data + at));
    at += 4;
  }
  for (; at < bytes.size(); ++at) {
    h = std::rotl(h ^ static_cast<unsigned char>(bytes[at]) * kPrime5, 11) * kPrime1;
  }
  return Avalanche(h);
}

}  // namespace st::spark_values
