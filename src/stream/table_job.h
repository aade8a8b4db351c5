// The job that makes rows of a pipeline's table.
#pragma once

#include "dialect/spark/definition.h"
#include "jobs/messages.h"
#include "lake/view.h"

namespace st::stream {

// For a table that has the definition's columns; sources, paths and verdicts are the caller's.
jobs::TransformJob TableJob(const dialect::spark::Definition& definition, const lake::View& table);

}  // namespace st::stream
