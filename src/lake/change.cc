#include "lake/change.h"

#include <algorithm>
#include <utility>

#include "lake/history.h"

namespace st::lake {

namespace {

// A double holds each such id exactly.
constexpr std::uint64_t kSnapshotIdMask = (std::uint64_t{1} << 53) - 1;

std::int64_t NewSnapshotId(os::Random& random, const iceberg::TableMetadata& metadata) {
  while (true) {
    const auto id = static_cast<std::int64_t>(random.Next() & kSnapshotIdMask);
    const bool is_taken = std::ranges::find(metadata.snapshots, id, &iceberg::Snapshot::id) !=
                          metadata.snapshots.end();
    if (id != 0 && !is_taken) return id;
  }
}

std::map<std::string, std::string> SummaryOf(const Change& change, const TableState& next) {
  const auto added = TotalsOf(change.added);
  FileTotals removed;
  for (const auto& location : change.removed) {
    const auto* file = next.view->files.Find(location);
    removed += {1, file->record_count, file->file_size_bytes};
  }
  const auto& before = next.view->files.totals();
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  std::map<std::string, std::string> summary = {
      {"operation", change.operation},
      {"added-data-files", text(added.files)},
      {"added-records", text(added.records)},
      {"added-files-size", text(added.bytes)},
      {"changed-partition-count", "1"},
      {"total-data-files", text(before.files + added.files - removed.files)},
      {"total-records", text(before.records + added.records - removed.records)},
      {"total-files-size", text(before.bytes + added.bytes - removed.bytes)},
      {"total-delete-files", "0"},
      {"total-position-deletes", "0"},
      {"total-equality-deletes", "0"},
      {"engine-name", "steelthread"}};
  if (!change.removed.empty()) {
    summary.insert({{"deleted-data-files", text(removed.files)},
                    {"deleted-records", text(removed.records)},
                    {"removed-files-size", text(removed.bytes)}});
  }
  for (const auto* key : {kPositionProperty, kPositionFileProperty}) {
    const auto position = next.metadata.properties.find(key);
    if (position != next.metadata.properties.end()) summary.insert(*position);
  }
  // An insert does not overwrite the entries above.
  summary.insert(change.summary.begin(), change.summary.end());
  return summary;
}

}  // namespace

FileTotals TotalsOf(const std::vector<DataFile>& files) {
  FileTotals totals;
  for (const auto& file : files) totals += {1, file.record_count, file.file_size_bytes};
  return totals;
}

Status AddSnapshot(TableEnv env, Change change, TableState& next) {
  // I7: the worker synced each data file; this makes the files' names durable.
  ST_TRY_STATUS(env.storage.SyncFolder(next.folder.data_folder()));
  auto& metadata = next.metadata;
  iceberg::Snapshot snapshot{.id = NewSnapshotId(env.random, metadata),
                             .parent = metadata.current_snapshot_id,
                             .sequence_number = metadata.last_sequence_number + 1,
                             .timestamp_ms = metadata.last_updated_ms,
                             .summary = SummaryOf(change, next),
                             .schema_id = metadata.current_schema_id};
  if (change.removed.empty()) {
    ST_TRY_STATUS(MergeManifests(env, snapshot, next));
    ST_TRY_STATUS(WriteAddedManifest(env, snapshot, std::move(change.added), next));
  } else {
    ST_TRY_STATUS(
        WriteReplacedManifest(env, snapshot, change.removed, std::move(change.added), next));
  }
  ST_TRY(snapshot.manifest_list, WriteManifestList(env, snapshot, next));
  TagFinishedPeriods(snapshot.timestamp_ms, metadata);
  metadata.last_sequence_number = snapshot.sequence_number;
  metadata.current_snapshot_id = snapshot.id;
  metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
  metadata.snapshots.push_back(std::move(snapshot));
  return {};
}

}  // namespace st::lake
