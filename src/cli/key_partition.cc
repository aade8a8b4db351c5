#include "cli/key_partition.h"

#include <cstddef>

namespace st::cli {

std::uint32_t Murmur2(std::string_view bytes) {
  constexpr std::uint32_t kSeed = 0x9747B28C;
  constexpr std::uint32_t kFactor = 0x5BD1E995;
  constexpr int kShift = 24;
  constexpr std::size_t kWord = 4;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]));
  };
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t at = 0;
  for (; at + kWord <= bytes.size(); at += kWord) {
    std::uint32_t word = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
    word *= kFactor;
    word ^= word >> kShift;
    word *= kFactor;
    hash *= kFactor;
    hash ^= word;
  }
  const std::size_t rest = bytes.size() - at;
  if (rest > 2) hash ^= byte(at + 2) << 16;
  if (rest > 1) hash ^= byte(at + 1) << 8;
  if (rest > 0) {
    hash ^= byte(at);
    hash *= kFactor;
  }
  hash ^= hash >> 13;
  hash *= kFactor;
  return hash ^ hash >> 15;
}

std::int32_t PartitionOfKey(std::string_view key, std::int32_t partitions) {
  constexpr std::uint32_t kPositive = 0x7FFFFFFF;
  return static_cast<std::int32_t>(Murmur2(key) & kPositive) % partitions;
}

}  // namespace st::cli
