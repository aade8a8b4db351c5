// Makes the metadata of a table name files in another place: for a table that was moved, or that
// gets another name.
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "lake/manifests.h"
#include "lake/table_state.h"

namespace st::lake {

// Writes, into the folder `to`, manifests and lists of all snapshots of `state` again, which then
// name the same files below `to`; makes `to` the state's folder. Whoever calls it sees to it that
// the data files lie there too. Returns the names of these files in the folder `data`.
//
// Costs:   all manifests and lists of the snapshots.
// Durable: as WriteAddedManifests.
// Errors:  kCorruption, a file of the table is damaged or missing; those of Storage.
Result<std::set<std::string>> Rebase(TableEnv env, const TableFolder& to, TableState& state);

}  // namespace st::lake
