// What a commit does to the data files of a table, and the snapshot that says so.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/data_file.h"
#include "lake/manifests.h"
#include "lake/table_state.h"

namespace st::lake {

FileTotals TotalsOf(const std::vector<DataFile>& files);

struct Change {
  std::string operation;  // of Iceberg: "append", "replace", "overwrite", "delete"
  std::vector<DataFile> added;
  std::set<std::string> removed;               // locations of live files
  std::map<std::string, std::string> summary;  // beside what the specification asks for
};

// Writes manifests and list of a new snapshot, and makes it the current one of `next`, whose View
// is that of the version before.
//
// Durable: as WriteAddedManifests. Requires: the bytes of the added files are durable.
// Errors:  kUnavailable: holds keep so many snapshots that there is no room for one more.
Status AddSnapshot(TableEnv env, Change change, TableState& next);

}  // namespace st::lake
