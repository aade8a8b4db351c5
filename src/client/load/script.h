// The behaviour of players: chooses the next request.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/ledger/request_kind.h"
#include "net/http_client.h"
#include "os/random.h"

namespace st::client::load {

struct Action {
  std::uint16_t kind = 0;
  net::ClientRequest request;
};

// The turn of one of `slots` concurrent sessions. A session belongs to one player; the next session
// of the slot to another.
struct Turn {
  std::uint32_t slot = 0;
  std::uint64_t player = 0;
  std::uint32_t step = 0;  // within the session
};

// Threads: owned by one thread.
class Script {
 public:
  virtual ~Script() = default;
  virtual const std::vector<ledger::RequestKind>& kinds() const = 0;
  virtual Action Next(const Turn& turn, os::Random& random) = 0;
};

// "user7.comcast.com": whom the Host header names.
std::string PlayerName(std::uint64_t player);

}  // namespace st::client::load
