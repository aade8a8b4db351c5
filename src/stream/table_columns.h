// A pipeline's columns against those of its table. Pure.
#pragma once

#include <vector>

#include "lake/lake.h"
#include "stream/definition.h"

namespace st::stream {

std::vector<lake::Column> TableColumns(const Definition& definition);
// Whether the definition is generated and only has more columns than the table, behind those there.
bool MayGrow(const Definition& definition, const lake::View& view);
// kInvalidArgument: they differ, so that the pipeline stops until a person decides; says what to
// do.
Status CheckTableColumns(const Definition& definition, const lake::View& view);

}  // namespace st::stream
