// What a worker says of a pipeline's SQL before it reads a record: the same for `steelthread check`
// and for a pipeline's first step.
#pragma once

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "stream/transformer.h"

namespace st::stream {

// Whether a table can have the columns and properties, which needs no worker.
// Errors: kInvalidArgument with the place: they take more metadata than a table may have.
Status CheckTableTakes(const dialect::spark::Definition& definition);

// Checks the same, compares DuckDB's columns of the SELECT with those that were derived, and
// evaluates the constants that may fail.
// Errors: kInvalidArgument: constants without a value, each with its place, line and caret; columns
//         or properties that no table can have; kUnsupported: other columns, which is a mistake of
//         the translation; else the worker's.
Status CheckDefinition(Transformer& transformer, const dialect::spark::Definition& definition);

}  // namespace st::stream
