// Which of the two families of headers a client of `/v1/statement` speaks.
#pragma once

#include <cstdint>
#include <string_view>

namespace st::statement {

// Both families of headers, `X-Trino-` and `X-Presto-`, mean the same; an answer uses the client's.
enum class Family { kTrino, kPresto };

// "X-Trino-" or "X-Presto-"
constexpr std::string_view HeaderPrefix(Family family) {
  return family == Family::kTrino ? "X-Trino-" : "X-Presto-";
}

}  // namespace st::statement
