// Removes the files of a dropped table.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "lake/storage.h"
#include "lake/view.h"

namespace st::lake {

// Removes the table's folder with all files, if its newest version says that it was dropped and is
// older than kKeepUnnamedUs. The version goes last: after a crash the rest goes with the next call.
// A folder that holds no table stays as it is.
//
// Requires: nobody makes a table of this name meanwhile.
Status RemoveDroppedTable(Storage& storage, std::int64_t now_us, const TableName& name);

}  // namespace st::lake
