// The behaviour of players: chooses the next request.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/http_client.h"
#include "os/random.h"

namespace st::load {

// A sort of request that a script sends.
struct Kind {
  std::string name;         // the event's, or the command's
  bool is_command = false;  // its events are the game's to choose
  bool is_read = false;     // changes nothing, is counted apart and has no key
  std::string topic;        // of a declared event
  std::string table;        // likewise; "": none
};

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
  virtual const std::vector<Kind>& kinds() const = 0;
  virtual Action Next(const Turn& turn, os::Random& random) = 0;
};

// "user7.comcast.com": whom the Host header names.
std::string PlayerName(std::uint64_t player);

}  // namespace st::load
