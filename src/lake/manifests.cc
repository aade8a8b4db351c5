#include "lake/manifests.h"

#include <algorithm>
#include <utility>

#include "lake/limits.h"

namespace st::lake {

namespace {

iceberg::ManifestEntry EntryOf(const TableFolder& folder, const DataFile& file) {
  iceberg::ManifestEntry entry{.file_path = folder.UriOf(file.location),
                               .record_count = file.record_count,
                               .file_size_bytes = file.file_size_bytes};
  entry.crc32c = file.crc32c;
  for (const auto& [id, stats] : file.columns) {
    if (stats.size_bytes >= 0) entry.column_sizes[id] = stats.size_bytes;
    if (stats.value_count >= 0) entry.value_counts[id] = stats.value_count;
    if (stats.null_count >= 0) entry.null_value_counts[id] = stats.null_count;
    if (stats.lower) entry.lower_bounds[id] = *stats.lower;
    if (stats.upper) entry.upper_bounds[id] = *stats.upper;
  }
  return entry;
}

// Writes one manifest and appends it to state.manifests. The caller sets the counts of
// `manifest.file`.
Status WriteManifest(TableEnv env, const std::vector<iceberg::ManifestEntry>& entries,
                     LiveManifest manifest, TableState& state) {
  const auto bytes =
      iceberg::EncodeManifest(*state.metadata.CurrentSchema(), entries, env.random.NewUuid());
  const auto location =
      state.folder.metadata_file(ManifestName(manifest.file.sequence_number, env.random.NewUuid()));
  ST_TRY_STATUS(env.storage.Write(location, bytes));
  manifest.file.path = state.folder.UriOf(location);
  manifest.file.length = std::ssize(bytes);
  state.manifests.push_back(std::move(manifest));
  return {};
}

using ManifestIterator = std::vector<LiveManifest>::const_iterator;

// Returns the first manifest of the run that is merged.
ManifestIterator BeginOfRun(const std::vector<LiveManifest>& manifests) {
  auto begin = manifests.end();
  std::int64_t run_files = 0;
  while (begin != manifests.begin()) {
    const auto& before = *std::prev(begin);
    const auto files = before.files->totals().files;
    const bool is_larger = begin != manifests.end() && files > kMergeRatio * run_files;
    if (is_larger || before.file.length >= kLargeManifestBytes) break;
    --begin;
    run_files += files;
  }
  return begin;
}

}  // namespace

Status WriteAddedManifest(TableEnv env, const iceberg::Snapshot& snapshot,
                          std::vector<DataFile> files, TableState& state) {
  std::vector<iceberg::ManifestEntry> entries;
  for (auto& file : files) {
    file.origin = {.snapshot_id = snapshot.id,
                   .sequence_number = snapshot.sequence_number,
                   .file_sequence_number = snapshot.sequence_number};
    // An added entry inherits its sequence numbers from the list (spec, Sequence Number
    // Inheritance).
    auto entry = EntryOf(state.folder, file);
    entry.snapshot_id = snapshot.id;
    entries.push_back(std::move(entry));
  }
  LiveManifest manifest{.file = {.sequence_number = snapshot.sequence_number,
                                 .min_sequence_number = snapshot.sequence_number,
                                 .added_snapshot_id = snapshot.id,
                                 .added_files = static_cast<int>(files.size())},
                        .files = std::make_shared<const FileChunk>(std::move(files))};
  manifest.file.added_rows = manifest.files->totals().records;
  return WriteManifest(env, entries, std::move(manifest), state);
}

Status MergeManifests(TableEnv env, const iceberg::Snapshot& snapshot, TableState& state) {
  if (state.manifests.size() < kMaxManifests) return {};
  const auto begin = BeginOfRun(state.manifests);
  if (state.manifests.cend() - begin < 2) return {};
  std::int64_t min_sequence_number = snapshot.sequence_number;
  std::vector<DataFile> files;
  std::vector<iceberg::ManifestEntry> entries;
  for (auto manifest = begin; manifest != state.manifests.cend(); ++manifest) {
    for (const auto& file : manifest->files->files()) {
      auto entry = EntryOf(state.folder, file);
      entry.status = iceberg::EntryStatus::kExisting;
      entry.snapshot_id = file.origin->snapshot_id;
      entry.sequence_number = file.origin->sequence_number;
      entry.file_sequence_number = file.origin->file_sequence_number;
      min_sequence_number = std::min(min_sequence_number, file.origin->sequence_number);
      entries.push_back(std::move(entry));
      files.push_back(file);
    }
  }
  LiveManifest merged{.file = {.sequence_number = snapshot.sequence_number,
                               .min_sequence_number = min_sequence_number,
                               .added_snapshot_id = snapshot.id,
                               .existing_files = static_cast<int>(files.size())},
                      .files = std::make_shared<const FileChunk>(std::move(files))};
  merged.file.existing_rows = merged.files->totals().records;
  state.manifests.erase(begin, state.manifests.cend());
  return WriteManifest(env, entries, std::move(merged), state);
}

Result<std::string> WriteManifestList(TableEnv env, const iceberg::Snapshot& snapshot,
                                      const TableState& state) {
  std::vector<iceberg::ManifestFile> manifests;
  for (const auto& manifest : state.manifests) manifests.push_back(manifest.file);
  const auto location =
      state.folder.metadata_file(ManifestListName(snapshot.sequence_number, env.random.NewUuid()));
  ST_TRY_STATUS(env.storage.Write(
      location, iceberg::EncodeManifestList(snapshot, manifests, env.random.NewUuid())));
  return state.folder.UriOf(location);
}

}  // namespace st::lake
