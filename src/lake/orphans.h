// Finds the files in a table's folder that nothing names: those of a commit that did not happen,
// and those that a process had still to remove when it ended. For how long nothing has named them
// is not known, so whoever removes them waits kKeepUnnamedUs first (lake/leaving_files.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/storage.h"
#include "lake/table_state.h"

namespace st::lake {

// Locations of files that no kept snapshot of `state` names and that nobody has changed for
// kOrphanAgeUs (data files) or kKeepUnnamedUs (metadata): younger ones may belong to a commit that
// runs, or to a newer version than the one that was put back from a copy. Files that
// another engine wrote for a commit that was refused are among them; a file without a UUID in its
// name is not, since no engine names one so. `state` may be older than the table.
//
// Costs a listing, and reading the lists and manifests of all kept snapshots.
// Errors: those of Storage; kCorruption of a list or manifest, without which nothing is an orphan.
Result<std::vector<std::string>> FindOrphans(Storage& storage, std::int64_t now_us,
                                             const TableState& state);

}  // namespace st::lake
