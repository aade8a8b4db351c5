// The schemas of a lake, and the names that a table may have.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lake/view.h"

namespace st::lake {

const std::vector<std::string>& SchemaNames();
// kInvalidArgument: there is no such schema, or the name has other characters than Lake::Create
// allows.
Status CheckName(const TableName& name);

}  // namespace st::lake
