// Reads tables of a lake that another process may have open.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lake/lake.h"

namespace st::lake {

// Reads the newest version of a table without opening the lake and without changing it. kNotFound:
// there is no such table. Other errors as Lake::Load. If the lake's owner removes files of that
// version meanwhile, the newer version is read.
Result<std::shared_ptr<const View>> ReadView(os::FileSystem& fs, const std::string& warehouse,
                                             const TableName& name);

// The folders whose names fit a table, sorted; one that is being made holds no table yet.
Result<std::vector<TableName>> ListTables(os::FileSystem& fs, const std::string& warehouse);

}  // namespace st::lake
