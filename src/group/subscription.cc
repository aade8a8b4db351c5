#include "group/subscription.h"

#include <cstdint>

#include "base/coding.h"

namespace st::group {

std::optional<std::vector<std::string_view>> SubscribedTopics(std::string_view metadata) {
  ByteReader in(metadata);
  const auto version = in.Big<std::int16_t>();
  std::vector<std::string_view> topics;
  for (auto n = in.Big<std::int32_t>(); in.ok() && n > 0; --n) {
    topics.push_back(in.Bytes(static_cast<std::uint64_t>(in.Big<std::int16_t>())));
  }
  if (!in.ok() || version < 0) return std::nullopt;
  return topics;
}

}  // namespace st::group
