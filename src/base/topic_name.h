// Kafka's rule for the names of topics. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/ascii.h"

namespace st {

inline constexpr std::size_t kMaxTopicNameBytes = 249;

constexpr bool IsTopicName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTopicNameBytes && name != "." && name != ".." &&
         ConsistsOf(name, "._-");
}

}  // namespace st
