// Keeps tagged snapshots from holding files whose rows a rewrite has put into others.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/manifests.h"
#include "lake/table_state.h"

namespace st::lake {

// Locations of metadata that the tagged snapshots name or name no longer.
struct TaggedChange {
  std::set<std::int64_t> sequence_numbers;  // of the snapshots that were changed
  std::set<std::string> manifests;          // which they named, as other snapshots may
  std::vector<std::string> lists;           // which nothing names now
  std::vector<std::string> added;           // manifests that they alone name
};

// Requires: the current snapshot of `next` has put the live files of `before` at the locations
// `inputs` into others with the same rows.
//
// Each tagged snapshot of `next` that names all inputs names the outputs instead: it keeps its id,
// its sequence number, its time and its rows, and gets another list of manifests. One that names
// only some of the inputs lacks rows of the outputs, so it stays as it is; so does one whose list
// or manifests are damaged, and one that is held (lake/holds.h), whose reader has the names of its
// files.
//
// Costs:   a list for each such snapshot, and a manifest for all of them together while their
//          manifests are the same.
// Durable: as WriteAddedManifests.
Result<TaggedChange> ReplaceInTagged(TableEnv env, const TableState& before,
                                     const std::set<std::string>& inputs, TableState& next);

}  // namespace st::lake
