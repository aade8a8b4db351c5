// Declared versions of events, and the tables that are generated from them.
//
// A version is a record of the log's topic `_declarations`: key the event's name, value
// {"declaration": …, "since": {"0": 12}}, where `since` has the end of each partition of its topic
// at that time. A new field, and a new version's table, apply to records from there on, so that a
// table is a function of the log (I12).
//
// Format: docs/tables.md
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "event/declaration.h"
#include "event/version.h"
#include "log/log.h"

namespace st::app {

inline constexpr const char* kDeclarationsTopic = "_declarations";

using EventVersion = event::DeclaredVersion;
// By the event's name, oldest first.
using EventVersions = std::map<std::string, std::vector<EventVersion>>;

// kCorruption names the record that cannot be read.
Result<EventVersions> ReadEventVersions(const log::Log& log);
// The versions that `declared` adds to `versions`, oldest first; nothing is written.
// kInvalidArgument: an event changed incompatibly (places, reasons, remedy).
Result<std::vector<EventVersion>> NewEventVersions(const log::Log& log,
                                                   const EventVersions& versions,
                                                   const std::vector<event::Declaration>& declared);
// The same without positions, which only a running log knows.
Result<std::vector<EventVersion>> ChangedEvents(const EventVersions& versions,
                                                const std::vector<event::Declaration>& declared);
// Appends them to the topic, which is made where it is missing, and to `versions`; durable on
// return.
Status RecordEventVersions(log::Log& log, std::int64_t now_ms,
                           const std::vector<EventVersion>& added, EventVersions& versions);

// A pipeline for each version's table, those of one topic in one lane. An event that is not
// declared any more has none. kInvalidArgument: two columns of one name, with the place.
Result<std::vector<dialect::spark::Definition>> EventTables(
    const EventVersions& versions, const std::vector<event::Declaration>& declared);

}  // namespace st::app
