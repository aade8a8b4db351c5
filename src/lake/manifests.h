// Writes the manifests of a commit.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "format/iceberg/table_metadata.h"
#include "lake/data_file.h"
#include "lake/storage.h"
#include "lake/table_state.h"
#include "os/clock.h"
#include "os/random.h"

namespace st::lake {

// What a table acts on; all must outlive it.
struct TableEnv {
  Storage& storage;
  os::Clock& clock;
  os::Random& random;
};

// Writes a manifest of `files`, all added by `snapshot`, for each partition spec of them, and
// appends it to state.manifests.
//
// Durable: the manifests' bytes, not their names.
Status WriteAddedManifests(TableEnv env, const iceberg::Snapshot& snapshot,
                           std::vector<DataFile> files, TableState& state);

// Takes the files at `removed` out of state.manifests, which must have them, and puts `added`, of
// `snapshot`, where the first of them with the same partition spec was. One new manifest a spec
// replaces those that had any; it also lists the removed files as deleted.
//
// Durable: as WriteAddedManifests.
Status WriteReplacedManifests(TableEnv env, const iceberg::Snapshot& snapshot,
                              const std::set<std::string>& removed, std::vector<DataFile> added,
                              TableState& state);

// Writes a manifest of `files`, which all are of earlier snapshots, for each partition spec of
// them, and appends it to state.manifests.
//
// Durable: as WriteAddedManifests.
Status WriteExistingManifests(TableEnv env, const iceberg::Snapshot& snapshot,
                              const std::vector<DataFile>& files, TableState& state);

// If state.manifests has kMaxManifests or more, replaces small ones at its end by one manifest of
// their files, which all exist. The run that is merged ends, going back, at a manifest that holds
// more than kMergeRatio times as many files as the run has so far: so an entry is copied as often
// as the logarithm of the table's files, and not with every merge. It ends at another partition
// spec, too.
//
// Durable: as WriteAddedManifests.
Status MergeManifests(TableEnv env, const iceberg::Snapshot& snapshot, TableState& state);

// Writes the list of these manifests for `snapshot`; returns its URI.
//
// Durable: as WriteAddedManifests.
Result<std::string> WriteManifestList(TableEnv env, const iceberg::Snapshot& snapshot,
                                      const TableFolder& folder,
                                      const std::vector<iceberg::ManifestFile>& manifests);
// The same of state.manifests.
Result<std::string> WriteManifestList(TableEnv env, const iceberg::Snapshot& snapshot,
                                      const TableState& state);

}  // namespace st::lake
