// Generates the pipelines that fill the tables of declared events.
//
// Format: docs/tables.md
#pragma once

#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "event/declaration.h"
#include "project/recorded_state.h"

namespace st::project {

// A pipeline for the table of each version; those of one topic share a lane. An event that
// `declared` lacks has none.
// Errors: kInvalidArgument: a table would have two columns of one name, with the place.
Result<std::vector<dialect::spark::Definition>> EventTables(
    const EventVersions& versions, const std::vector<event::Declaration>& declared);

}  // namespace st::project
