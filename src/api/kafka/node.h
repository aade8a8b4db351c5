// The one node as clients are told of it.
#pragma once

#include <cstdint>
#include <string>

#include "base/text.h"

namespace st::api {

struct Node {
  std::string host;
  std::int32_t port = 0;
};

// `address` is "host:port", an IPv6 host in brackets.
inline Node NodeOf(const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {std::move(host),
          static_cast<std::int32_t>(ParseInt64(address.substr(colon + 1)).value_or(0))};
}

}  // namespace st::api
