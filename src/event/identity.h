// Checks that each record belongs to one declared event: by its topic, and there by the constant
// event_type or the plain-text payload. Tables and checks of records rely on it. Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "event/declaration.h"

namespace st::event {

// Errors: kInvalidArgument with both places: a record of one event would be another's too. With one
//         place: an event has a table by default, and nothing tells its records from others'.
Status CheckIdentities(const std::vector<Declaration>& declarations);

}  // namespace st::event
