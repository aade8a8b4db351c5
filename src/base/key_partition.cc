#include "base/key_partition.h"

#include "base/coding.h"

namespace st {
namespace {

// The variant of Kafka's org.apache.kafka.common.utils.Utils.murmur2, with its seed.
std::uint32_t Murmur2(std::string_view bytes) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kFactor = 0x5bd1e995;
  constexpr std::size_t kWord = 4;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  for (; bytes.size() >= kWord; bytes.remove_prefix(kWord)) {
    std::uint32_t word = LoadLittle<std::uint32_t>(bytes) * kFactor;
    word ^= word >> 24;
    hash = (hash * kFactor) ^ (word * kFactor);
  }
  if (!bytes.empty()) {
    std::uint32_t rest = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      rest = (rest << 8) | static_cast<unsigned char>(bytes[i]);
    }
    hash = (hash ^ rest) * kFactor;
  }
  hash ^= hash >> 13;
  hash *= kFactor;
  return hash ^ (hash >> 15);
}

}  // namespace

PartitionId PartitionOfKey(std::string_view key, std::int32_t partitions) {
  constexpr std::uint32_t kWithoutSign = 0x7fffffff;
  const auto count = static_cast<std::uint32_t>(partitions);
  return PartitionId(static_cast<std::int32_t>((Murmur2(key) & kWithoutSign) % count));
}

}  // namespace st
