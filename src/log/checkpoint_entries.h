// The entries with which a segment begins.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "log/state.h"

namespace st::log {

// The state as encoded entries, with epoch and time of `first` and lsns from its one on, and their
// number.
std::pair<std::string, std::int32_t> CheckpointEntries(const LogState& state,
                                                       const EntryHeader& first);

}  // namespace st::log
