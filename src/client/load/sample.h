// A request that a declared route takes, with values that its fields allow.
#pragma once

#include "event/declaration.h"
#include "net/http_client.h"
#include "os/random.h"

namespace st::client::load {

// Requires: the declaration has a route. Optional fields come half of the time.
net::ClientRequest Sample(const event::Declaration& declaration, os::Random& random);

}  // namespace st::client::load
