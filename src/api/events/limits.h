// Limits of the routes of declared events.
#pragma once

#include <cstdint>

namespace st::api {

// Time that a change of an event's declaration waits for the events that were sent under the
// present one and are not stored yet.
inline constexpr std::int64_t kVersionWaitUs = 10'000'000;

}  // namespace st::api
