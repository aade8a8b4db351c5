// Reads all metadata of a table that a query may need only some day: of every snapshot that it
// keeps.
#pragma once

#include <vector>

#include "base/result.h"
#include "lake/storage.h"
#include "lake/view.h"

namespace st::lake {

// What is wrong with the files that the newest version of the table names: the lists, manifests and
// positions of its snapshots; empty: nothing. Each file is read once and is one error, as
// lake/metadata_files.h words it. A version that cannot be read is one error, a table that is not
// there none.
//
// Costs: all metadata of the table.
std::vector<Error> CheckMetadata(Storage& storage, const TableName& name);

}  // namespace st::lake
