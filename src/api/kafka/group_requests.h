// What the handlers of consumer groups share: the client of a request, and texts of the protocol.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/kafka/request.h"
#include "group/messages.h"

namespace st::api {

// The client of a request on a connection from `peer`, "127.0.0.1:51234".
inline group::Client ClientOf(const Request& request, const std::string& peer) {
  return {.id = std::string(request.header.client_id),
          .host = "/" + peer.substr(0, peer.rfind(':')),
          .address = request.client};
}

inline std::optional<std::string> TextOf(const std::optional<std::string_view>& text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace st::api
