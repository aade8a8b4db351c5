#include "lake/manifests.h"

#include <algorithm>
#include <optional>
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

// A manifest that is made for a new snapshot.
class ManifestOfSnapshot {
 public:
  // Both must outlive it.
  ManifestOfSnapshot(const TableFolder& folder, const iceberg::Snapshot& snapshot)
      : folder_(folder), snapshot_(snapshot) {
    file_ = {.sequence_number = snapshot.sequence_number,
             .min_sequence_number = snapshot.sequence_number,
             .added_snapshot_id = snapshot.id};
  }

  // A file that the snapshot adds.
  void Add(DataFile file) {
    file.origin = {.snapshot_id = snapshot_.id,
                   .sequence_number = snapshot_.sequence_number,
                   .file_sequence_number = snapshot_.sequence_number};
    // An added entry inherits its sequence numbers from the list (spec, Sequence Number
    // Inheritance).
    auto entry = EntryOf(folder_, file);
    entry.snapshot_id = snapshot_.id;
    ++file_.added_files;
    file_.added_rows += file.record_count;
    entries_.push_back(std::move(entry));
    files_.push_back(std::move(file));
  }
  // A file of an earlier snapshot that stays.
  void Keep(const DataFile& file) {
    entries_.push_back(EarlierEntry(file, iceberg::EntryStatus::kExisting));
    entries_.back().snapshot_id = file.origin->snapshot_id;
    file_.min_sequence_number = std::min(file_.min_sequence_number, file.origin->sequence_number);
    ++file_.existing_files;
    file_.existing_rows += file.record_count;
    files_.push_back(file);
  }
  // A file of an earlier snapshot that the snapshot removes.
  void Delete(const DataFile& file) {
    entries_.push_back(EarlierEntry(file, iceberg::EntryStatus::kDeleted));
    entries_.back().snapshot_id = snapshot_.id;
    ++file_.deleted_files;
    file_.deleted_rows += file.record_count;
  }
  // Writes it and inserts it at `place` of state.manifests.
  Status Write(TableEnv env, TableState& state, std::size_t place) {
    const auto bytes =
        iceberg::EncodeManifest(*state.metadata.CurrentSchema(), entries_, env.random.NewUuid());
    const auto location =
        folder_.metadata_file(ManifestName(file_.sequence_number, env.random.NewUuid()));
    ST_TRY_STATUS(env.storage.Write(location, bytes));
    file_.path = folder_.UriOf(location);
    file_.length = std::ssize(bytes);
    state.manifests.insert(state.manifests.begin() + static_cast<std::ptrdiff_t>(place),
                           {file_, std::make_shared<const FileChunk>(std::move(files_))});
    return {};
  }

 private:
  iceberg::ManifestEntry EarlierEntry(const DataFile& file, iceberg::EntryStatus status) const {
    auto entry = EntryOf(folder_, file);
    entry.status = status;
    entry.sequence_number = file.origin->sequence_number;
    entry.file_sequence_number = file.origin->file_sequence_number;
    return entry;
  }

  const TableFolder& folder_;
  const iceberg::Snapshot& snapshot_;
  iceberg::ManifestFile file_;
  std::vector<iceberg::ManifestEntry> entries_;
  std::vector<DataFile> files_;  // the live ones
};

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
  ManifestOfSnapshot manifest(state.folder, snapshot);
  for (auto& file : files) manifest.Add(std::move(file));
  return manifest.Write(env, state, state.manifests.size());
}

Status WriteReplacedManifest(TableEnv env, const iceberg::Snapshot& snapshot,
                             const std::set<std::string>& removed, std::vector<DataFile> added,
                             TableState& state) {
  ManifestOfSnapshot manifest(state.folder, snapshot);
  std::vector<LiveManifest> untouched;
  std::optional<std::size_t> place;
  for (const auto& before : state.manifests) {
    const auto has = [&](const std::string& location) { return before.files->Contains(location); };
    if (std::ranges::none_of(removed, has)) {
      untouched.push_back(before);
      continue;
    }
    if (!place) place = untouched.size();
    for (const auto& file : before.files->files()) {
      if (!removed.contains(file.location)) {
        manifest.Keep(file);
        continue;
      }
      for (auto& one : added) manifest.Add(std::move(one));
      added.clear();
      manifest.Delete(file);
    }
  }
  state.manifests = std::move(untouched);
  return manifest.Write(env, state, place.value_or(state.manifests.size()));
}

Status MergeManifests(TableEnv env, const iceberg::Snapshot& snapshot, TableState& state) {
  if (state.manifests.size() < kMaxManifests) return {};
  const auto begin = BeginOfRun(state.manifests);
  if (state.manifests.cend() - begin < 2) return {};
  ManifestOfSnapshot merged(state.folder, snapshot);
  for (auto manifest = begin; manifest != state.manifests.cend(); ++manifest) {
    for (const auto& file : manifest->files->files()) merged.Keep(file);
  }
  state.manifests.erase(begin, state.manifests.cend());
  return merged.Write(env, state, state.manifests.size());
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
