// Opens the tables that a pipeline fills, and creates those that do not exist yet.
//
// Durable: a created table is durable.
// Errors:  those of the lake.
#pragma once

#include <memory>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "lake/lake.h"
#include "stream/runner.h"

namespace st::stream {

lake::TableName TableOf(const dialect::spark::Definition& definition);

// Each reads the table again first if the outcome of a commit is unknown (Lake::LoadForCommit).
Result<std::shared_ptr<const lake::View>> OpenTable(const Dependencies& to,
                                                    const dialect::spark::Definition& definition);
Result<std::shared_ptr<const lake::View>> OpenBadRows(const Dependencies& to);

}  // namespace st::stream
