// Reads tables of a lake that another process may have open.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "lake/storage.h"
#include "lake/view.h"

namespace st::lake {

// Reads the newest version of a table without opening the lake and without changing it; with a
// `snapshot` its files, rows and columns are those of that snapshot. kNotFound: there is no such
// table or snapshot. Other errors as Catalog::Load. If the lake's owner removes files of that
// version meanwhile, the newer version is read.
Result<std::shared_ptr<const View>> ReadView(Storage& storage, const TableName& name,
                                             std::optional<SnapshotId> snapshot = std::nullopt);

// The folders whose names fit a table, sorted; one whose table is being created is among them.
Result<std::vector<TableName>> ListTables(Storage& storage);

}  // namespace st::lake
