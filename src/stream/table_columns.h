// Compares a pipeline's columns with those of its table. Pure.
#pragma once

#include <vector>

#include "dialect/spark/definition.h"
#include "lake/view.h"

namespace st::stream {

std::vector<lake::Column> TableColumns(const dialect::spark::Definition& definition);
// True if the definition is generated and only adds columns behind those of the table.
bool MayGrow(const dialect::spark::Definition& definition, const lake::View& view);
// kInvalidArgument: they differ, and the pipeline stops until a person decides; the message names
// the choices.
Status CheckTableColumns(const dialect::spark::Definition& definition, const lake::View& view);

}  // namespace st::stream
