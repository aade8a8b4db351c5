// The parts of a pipeline's definition that decide whether a record is a row, and which row, and
// their history in the property kDefinitionsProperty of its table (I12).
//
// Format: docs/formats/pipeline_progress.md
#pragma once

#include <optional>
#include <string>

#include "dialect/spark/definition.h"
#include "lake/view.h"
#include "stream/progress.h"

namespace st::stream {

// Those parts as text: equal texts make equal rows.
std::string DefinitionText(const dialect::spark::Definition& definition);

// The table's history with this definition, which is used from `since` on; nullopt: the history
// ends with it already.
// Limits: kMaxDefinitionVersions, kMaxDefinitionsBytes; the oldest go.
std::optional<std::string> HistoryWith(const dialect::spark::Definition& definition,
                                       const lake::View& view, const FlowProgress& since);

// The table's history without the definitions that read no record before `at`: that of a table that
// is moved back to there.
std::string HistoryUpTo(const lake::View& view, const FlowProgress& at);

}  // namespace st::stream
