// The steps of a commit that do not need a table's lock; internal to lake.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lake/table.h"
#include "lake/table_state.h"

namespace st::lake {

// Writes and syncs a manifest of the last `count` of `files` and `origins`, all existing.
Result<LiveManifest> WriteMergedManifest(Surroundings world, const TableState& state,
                                         const std::vector<DataFile>& files, std::size_t first,
                                         std::size_t count);
// Writes and syncs a manifest of `files`, all added by the snapshot.
Result<LiveManifest> WriteAddedManifest(Surroundings world, const TableState& state,
                                        const std::vector<DataFile>& files,
                                        const iceberg::Snapshot& snapshot);

// Merges the small manifests at the end of `state.manifests` into one, if there are too many.
Status MergeManifests(Surroundings world, TableState& state, const std::vector<DataFile>& files,
                      const iceberg::Snapshot& snapshot);

// Removes expired snapshots and old versions from the metadata; returns the version files that may
// be removed once the metadata is committed.
std::vector<std::string> Expire(TableState& state, std::int64_t now_ms);

enum class PublishOutcome { kDone, kNotDone, kUnknown };
struct Published {
  PublishOutcome outcome = PublishOutcome::kDone;
  std::optional<Error> error;  // unless done
};
// Creates v<N>.metadata.json if it is absent, durably (I7: all it refers to was synced before).
Published PublishVersion(Surroundings world, const Place& place, std::int64_t version,
                         const std::string& json);

// Writes version-hint.text, from which some readers start; they look for newer versions themselves.
void WriteVersionHint(Surroundings world, const Place& place, std::int64_t version);

}  // namespace st::lake
