#include "lake/change.h"

#include <algorithm>
#include <utility>

#include "lake/history.h"
#include "lake/holds.h"
#include "lake/partition.h"

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
  std::set<std::string> partitions;
  for (const auto& file : change.added) partitions.insert(PartitionKey(*next.view, file));
  FileTotals removed;
  for (const auto& location : change.removed) {
    const auto* file = next.view->files.Find(location);
    removed += {1, file->record_count, file->file_size_bytes};
    partitions.insert(PartitionKey(*next.view, *file));
  }
  const auto& before = next.view->files.totals();
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  std::map<std::string, std::string> summary = {
      {"operation", change.operation},
      {"changed-partition-count", text(std::ssize(partitions))},
      {"total-data-files", text(before.files + added.files - removed.files)},
      {"total-records", text(before.records + added.records - removed.records)},
      {"total-files-size", text(before.bytes + added.bytes - removed.bytes)},
      {"total-delete-files", "0"},
      {"total-position-deletes", "0"},
      {"total-equality-deletes", "0"},
      {"engine-name", "steelthread"}};
  if (!change.added.empty()) {
    summary.insert({{"added-data-files", text(added.files)},
                    {"added-records", text(added.records)},
                    {"added-files-size", text(added.bytes)}});
  }
  if (!change.removed.empty()) {
    summary.insert({{"deleted-data-files", text(removed.files)},
                    {"deleted-records", text(removed.records)},
                    {"removed-files-size", text(removed.bytes)}});
  }
  for (const auto& key : {std::string(kPositionProperty), PositionFileProperty()}) {
    const auto position = next.metadata.properties.find(key);
    if (position != next.metadata.properties.end()) summary.insert(*position);
  }
  // An insert does not overwrite the entries above.
  summary.insert(change.summary.begin(), change.summary.end());
  return summary;
}

// The added files have the rows of the removed ones, so they are as old.
void KeepAge(const TableState& next, Change& change) {
  std::int64_t youngest = 0;
  for (const auto& location : change.removed) {
    const auto* file = next.view->files.Find(location);
    youngest = std::max(youngest, file->origin->sequence_number);
  }
  for (auto& file : change.added) file.origin = Origin{.sequence_number = youngest};
}

std::set<std::string> PathsOf(const std::vector<LiveManifest>& manifests) {
  std::set<std::string> paths;
  for (const auto& manifest : manifests) paths.insert(manifest.file.path);
  return paths;
}

// What the snapshot did to the manifests, in the words of Iceberg's own writer.
void AddManifestCounts(const std::set<std::string>& before,
                       const std::vector<LiveManifest>& manifests,
                       std::map<std::string, std::string>& summary) {
  const auto kept = std::ranges::count_if(
      manifests, [&](const auto& manifest) { return before.contains(manifest.file.path); });
  summary["manifests-created"] = std::to_string(std::ssize(manifests) - kept);
  summary["manifests-kept"] = std::to_string(kept);
  summary["manifests-replaced"] = std::to_string(std::ssize(before) - kept);
}

}  // namespace

FileTotals TotalsOf(const std::vector<DataFile>& files) {
  FileTotals totals;
  for (const auto& file : files) totals += {1, file.record_count, file.file_size_bytes};
  return totals;
}

Status AddSnapshot(TableEnv env, Change change, TableState& next) {
  ST_TRY_STATUS(CheckRoomForSnapshot(next.name, next.metadata));
  // I7: the worker synced each data file; this makes the files' names durable.
  ST_TRY_STATUS(env.storage.SyncFolder(next.folder.data_folder()));
  auto& metadata = next.metadata;
  iceberg::Snapshot snapshot{.id = NewSnapshotId(env.random, metadata),
                             .parent = metadata.current_snapshot_id,
                             .sequence_number = metadata.last_sequence_number + 1,
                             .timestamp_ms = metadata.last_updated_ms,
                             .schema_id = metadata.current_schema_id};
  auto summary = SummaryOf(change, next);
  if (change.operation == "replace") KeepAge(next, change);
  const auto before = PathsOf(next.manifests);
  if (change.removed.empty()) {
    ST_TRY_STATUS(MergeManifests(env, snapshot, next));
    ST_TRY_STATUS(WriteAddedManifests(env, snapshot, std::move(change.added), next));
  } else {
    ST_TRY_STATUS(
        WriteReplacedManifests(env, snapshot, change.removed, std::move(change.added), next));
  }
  AddManifestCounts(before, next.manifests, summary);
  snapshot.summary = std::move(summary);
  ST_TRY(snapshot.manifest_list, WriteManifestList(env, snapshot, next));
  TagFinishedPeriods(snapshot.timestamp_ms, metadata);
  metadata.last_sequence_number = snapshot.sequence_number;
  metadata.current_snapshot_id = snapshot.id;
  metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
  metadata.snapshots.push_back(std::move(snapshot));
  return {};
}

}  // namespace st::lake
