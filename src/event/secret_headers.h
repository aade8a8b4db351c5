// Request headers whose values are credentials of the sender. They enter no payload, also where an
// event logs all headers; a field may still name one. Pure.
#pragma once

#include <string_view>

#include "event/payload.h"

namespace st::event {

// Authorization, Cookie and their like (docs/events.md), and every name that ends in -Token,
// -Secret, -Password or -Api-Key, in any case.
bool IsSecretHeader(std::string_view name);

bool HasSecretHeader(const Headers& headers);
Headers WithoutSecretHeaders(const Headers& headers);

}  // namespace st::event
