// A pipeline's columns against those of its table. Pure.
#pragma once

#include <vector>

#include "dialect/spark/definition.h"
#include "lake/lake.h"

namespace st::stream {

std::vector<lake::Column> TableColumns(const dialect::spark::Definition& definition);
// Whether the definition is generated and only has more columns than the table, behind those there.
bool MayGrow(const dialect::spark::Definition& definition, const lake::View& view);
// kInvalidArgument: they differ, so that the pipeline stops until a person decides; says what to
// do.
Status CheckTableColumns(const dialect::spark::Definition& definition, const lake::View& view);

}  // namespace st::stream
