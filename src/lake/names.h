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

// "default.sword_purchases".
std::string FullName(const TableName& name);
// The one of `tables` that a person means: "sword_purchases" or "bad.rows", in any case. kNotFound
// names the nearest.
Result<TableName> FindTable(const std::vector<TableName>& tables, const std::string& name);

}  // namespace st::lake
