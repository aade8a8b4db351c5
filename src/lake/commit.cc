#include "lake/commit.h"

#include <algorithm>
#include <set>

#include "lake/limits.h"

namespace st::lake {

namespace {

// Writes and syncs one manifest; the counts of `file` are the caller's.
Status WriteManifest(Surroundings world, const TableState& state,
                     const std::vector<iceberg::ManifestEntry>& entries,
                     iceberg::ManifestFile& file) {
  const auto bytes =
      iceberg::EncodeManifest(*state.metadata.CurrentSchema(), entries, world.random.NewUuid());
  const auto path = os::JoinPath(state.place.metadata_folder(),
                                 ManifestName(file.sequence_number, world.random.NewUuid()));
  ST_TRY_STATUS(os::WriteNewFile(world.fs, path, bytes));
  file.path = state.place.UriFor(path);
  file.length = std::ssize(bytes);
  return {};
}

bool IsSmall(const LiveManifest& manifest) { return manifest.file.length < kLargeManifestBytes; }

}  // namespace

Result<LiveManifest> WriteAddedManifest(Surroundings world, const TableState& state,
                                        const std::vector<DataFile>& files,
                                        const iceberg::Snapshot& snapshot) {
  LiveManifest manifest{.file = {.sequence_number = snapshot.sequence_number,
                                 .min_sequence_number = snapshot.sequence_number,
                                 .added_snapshot_id = snapshot.id,
                                 .added_files = static_cast<int>(files.size())},
                        .file_count = files.size()};
  std::vector<iceberg::ManifestEntry> entries;
  for (const auto& file : files) {
    // Its sequence numbers are inherited from the list (spec, Sequence Number Inheritance).
    auto entry = EntryFor(state.place, file);
    entry.snapshot_id = snapshot.id;
    entries.push_back(std::move(entry));
    manifest.file.added_rows += file.record_count;
  }
  ST_TRY_STATUS(WriteManifest(world, state, entries, manifest.file));
  return manifest;
}

Status MergeManifests(Surroundings world, TableState& state, const std::vector<DataFile>& files,
                      const iceberg::Snapshot& snapshot) {
  if (state.manifests.size() < kMaxManifests) return {};
  auto first_small = state.manifests.end();
  std::size_t count = 0;
  while (first_small != state.manifests.begin() && IsSmall(*std::prev(first_small))) {
    --first_small;
    count += first_small->file_count;
  }
  if (state.manifests.end() - first_small < 2) return {};
  LiveManifest merged{.file = {.sequence_number = snapshot.sequence_number,
                               .min_sequence_number = snapshot.sequence_number,
                               .added_snapshot_id = snapshot.id,
                               .existing_files = static_cast<int>(count)},
                      .file_count = count};
  std::vector<iceberg::ManifestEntry> entries;
  for (std::size_t i = files.size() - count; i < files.size(); ++i) {
    auto entry = EntryFor(state.place, files[i]);
    entry.status = iceberg::EntryStatus::kExisting;
    entry.snapshot_id = state.origins[i].snapshot_id;
    entry.sequence_number = state.origins[i].sequence_number;
    entry.file_sequence_number = state.origins[i].file_sequence_number;
    merged.file.min_sequence_number =
        std::min(merged.file.min_sequence_number, state.origins[i].sequence_number);
    merged.file.existing_rows += files[i].record_count;
    entries.push_back(std::move(entry));
  }
  ST_TRY_STATUS(WriteManifest(world, state, entries, merged.file));
  state.manifests.erase(first_small, state.manifests.end());
  state.manifests.push_back(std::move(merged));
  return {};
}

std::vector<std::string> Expire(TableState& state, std::int64_t now_ms) {
  auto& metadata = state.metadata;
  std::size_t drop = 0;
  while (metadata.snapshots.size() - drop > kMinSnapshots &&
         (metadata.snapshots.size() - drop > kMaxSnapshots ||
          metadata.snapshots[drop].timestamp_ms < now_ms - kKeepSnapshotsMs)) {
    ++drop;
  }
  metadata.snapshots.erase(metadata.snapshots.begin(),
                           metadata.snapshots.begin() + static_cast<std::ptrdiff_t>(drop));
  if (drop > 0) {
    std::set<std::int64_t> kept;
    for (const auto& snapshot : metadata.snapshots) kept.insert(snapshot.id);
    std::erase_if(metadata.snapshot_log,
                  [&](const auto& entry) { return !kept.contains(entry.snapshot_id); });
  }
  // A version was current until the next one was made.
  auto& log = metadata.metadata_log;
  std::size_t old = 0;
  while (
      log.size() - old > kMinVersions &&
      (log.size() - old > kMaxVersions || log[old + 1].timestamp_ms < now_ms - kKeepVersionsMs)) {
    ++old;
  }
  std::vector<std::string> removable;
  for (std::size_t i = 0; i < old; ++i) {
    if (auto path = state.place.PathFor(log[i].file)) removable.push_back(std::move(*path));
  }
  log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(old));
  return removable;
}

Published PublishVersion(Surroundings world, const Place& place, std::int64_t version,
                         const std::string& json) {
  const auto folder = place.metadata_folder();
  const auto path = os::JoinPath(folder, VersionFileName(version));
  const auto temporary = fmt::format("{}.{}.tmp", path, world.random.NewUuid().ToString());
  auto written = os::WriteNewFile(world.fs, temporary, json);
  // I7: the names of the manifests must be on the disk before the version that refers to them.
  if (written) written = world.fs.SyncDir(folder);
  if (!written) {
    os::FileSystem& fs = world.fs;
    Ignore(fs.Remove(temporary), "Sweep removes it later");
    return {PublishOutcome::kNotDone, written.error()};
  }
  const auto linked = world.fs.Link(temporary, path);
  Ignore(world.fs.Remove(temporary), "Sweep removes it later");
  if (!linked) {
    const auto code = linked.error().code();
    const bool nothing_happened =
        code == ErrorCode::kAlreadyExists || code == ErrorCode::kUnavailable;
    return {nothing_happened ? PublishOutcome::kNotDone : PublishOutcome::kUnknown, linked.error()};
  }
  if (const auto synced = world.fs.SyncDir(folder); !synced) {
    return {PublishOutcome::kUnknown, synced.error()};
  }
  return {};
}

void WriteVersionHint(Surroundings world, const Place& place, std::int64_t version) {
  const auto path = os::JoinPath(place.metadata_folder(), "version-hint.text");
  const auto temporary = path + ".tmp";
  Ignore(world.fs.Remove(temporary), "it is there only after a crash");
  // Not synced: a hint that power loss took is written again by the next commit.
  const auto file = world.fs.Open(temporary, os::OpenMode::kCreateNew);
  if (!file || !(*file)->WriteAt(0, std::to_string(version))) return;
  Ignore(world.fs.Rename(temporary, path), "the hint is only for readers without a catalog");
}

}  // namespace st::lake
