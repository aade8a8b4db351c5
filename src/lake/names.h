// The names of schemas and tables.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lake/lake.h"

namespace st::lake {

const std::vector<std::string>& SchemaNames();
// kInvalidArgument: no such schema, or a name that is no folder's (Lake::Create says which are).
Status CheckName(const TableName& name);

}  // namespace st::lake
