// Keeps versions of the metadata short, whatever the history of their table.
//
// What a table is now has limits of its own, beyond which a change is refused: kMaxSchemaBytes,
// kMaxPropertiesBytes, kMaxLayoutsBytes. Long values of own properties lie in files. The rest of a
// version is history: snapshots, and the schemas, partition specs and sort orders that they need.
//
// Limits: kMaxVersionBytes. A table of an earlier build whose columns or properties are beyond the
//         limits above may have longer versions, with one snapshot.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lake/manifests.h"
#include "lake/table_state.h"

namespace st::lake {

struct FittedVersion {
  std::string json;                        // of the metadata, without the checksum of its file
  std::vector<iceberg::Snapshot> expired;  // oldest first
};

// Makes the version `next`, which replaces `before`, fit into kMaxVersionBytes. A version of a
// quarter of that loses the schemas, specs and orders that nothing needs: a schema that neither the
// table nor a snapshot has, a spec that no manifest of a snapshot has, the oldest orders. One that
// is still too long loses its oldest snapshots, tagged ones too, but for the current one and those
// that are held.
//
// Costs:  an encoding; where it removes something, a further one; where specs may be removed, the
//         lists of all snapshots are read.
// Errors: kInvalidArgument: the layout of `next` is new, and the layouts that manifests have take
//         more than kMaxLayoutsBytes; kUnavailable: holds keep so many snapshots that it does not
//         fit; those of SetProperties.
Result<FittedVersion> FitVersion(TableEnv env, const TableState& before, TableState& next);

}  // namespace st::lake
