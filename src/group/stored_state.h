// A group's state as bytes in the log: generation or epochs, protocol, members with their
// subscriptions and assignments.
//
// Format: docs/formats/commit_log.md, "Groups"
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "group/group.h"

namespace st::group {

// Of the group as if it were in state `as`.
std::string EncodeState(const Group& group, State as);
// Into a new group, whose members have no deadlines and no charges. kCorruption; kUnsupported: a
// later version.
Status DecodeState(std::string_view bytes, Group& group);

}  // namespace st::group
