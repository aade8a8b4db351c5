// Finds the versions of declared events that the log does not have yet, and records them.
//
// Format: docs/tables.md
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"
#include "log/log.h"
#include "project/recorded_state.h"

namespace st::project {

// The versions that `declared` adds to the recorded ones, in the order of `declared`. Nothing is
// written.
// Errors: kInvalidArgument: an event changed incompatibly (places, reasons, remedy).
Result<std::vector<event::DeclaredVersion>> NewEventVersions(
    const RecordedState& recorded, const std::vector<event::Declaration>& declared);

// The batches of the topic's records that RecordEventVersions appends, each of about
// kMaxDeclarationsBytes and one version at the most.
std::vector<std::string> EncodeVersions(std::int64_t now_ms,
                                        const std::vector<event::DeclaredVersion>& added);

// Appends `added` to topic `_declarations`, which is created where it is missing; durable on
// return.
// Limits: kMaxDeclarationsBytes (limits.h).
// Errors: those of the log, and kOutcomeUnknown: the log did not answer within kRecordTimeout. Some
//         of the versions may be recorded, so read the recorded ones before the next attempt.
Status RecordEventVersions(log::Log& log, std::int64_t now_ms,
                           const std::vector<event::DeclaredVersion>& added);

}  // namespace st::project
