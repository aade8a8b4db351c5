// The tables of a lake that may be in use.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lake/lake.h"

namespace st::lake {

// The newest version of a table without opening the lake; nothing is changed. kNotFound: there is
// no such table. Other errors as Lake::Load. Where the lake's owner commits meanwhile and removes
// what was being read, the newer version is read.
Result<std::shared_ptr<const View>> ReadView(os::FileSystem& fs, const std::string& warehouse,
                                             const TableName& name);

// The folders whose names fit a table, sorted; one that is being made holds no table yet.
Result<std::vector<TableName>> ListTables(os::FileSystem& fs, const std::string& warehouse);

}  // namespace st::lake
