// Finds the files in a table's folder that nothing names: those of a commit that did not happen,
// and those that a process had still to remove when it ended. For how long nothing has named them
// is not known, so whoever removes them waits kKeepUnnamedUs first (lake/leaving_files.h).
#pragma once

#include <vector>

#include "base/result.h"
#include "lake/orphan.h"
#include "lake/storage.h"
#include "lake/table_state.h"

namespace st::lake {

// Files that no kept snapshot of `state` names, those of metadata before data files. One may be
// removed once nobody has changed it for kOrphanAgeUs (data files) or kKeepUnnamedUs (metadata): a
// younger one may belong to a commit that runs, or to a newer version than the one that was put
// back from a copy. Files that another engine wrote for a commit that was refused are among them; a
// file without a UUID in its name is not, since no engine names one so. `state` may be older than
// the table.
//
// Costs a listing, and reading the lists and manifests of all kept snapshots.
// Errors: those of Storage; kCorruption of a list or manifest, without which nothing is an orphan.
Result<std::vector<Orphan>> FindOrphans(Storage& storage, const TableState& state);

}  // namespace st::lake
