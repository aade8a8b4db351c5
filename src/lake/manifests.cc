#include "lake/manifests.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "lake/layout.h"
#include "lake/limits.h"
#include "lake/metadata_files.h"

namespace st::lake {

namespace {

iceberg::ManifestEntry EntryOf(const TableFolder& folder, const DataFile& file) {
  iceberg::ManifestEntry entry{.file_path = folder.UriOf(file.location),
                               .record_count = file.record_count,
                               .file_size_bytes = file.file_size_bytes,
                               .partition = file.partition,
                               .sort_order_id = file.sort_order_id};
  entry.crc32c = file.crc32c;
  entry.split_offsets = file.split_offsets;
  for (const auto& [id, stats] : file.columns) {
    if (stats.size_bytes >= 0) entry.column_sizes[id] = stats.size_bytes;
    if (stats.value_count >= 0) entry.value_counts[id] = stats.value_count;
    if (stats.null_count >= 0) entry.null_value_counts[id] = stats.null_count;
    if (stats.nan_count >= 0) entry.nan_value_counts[id] = stats.nan_count;
    if (stats.lower) entry.lower_bounds[id] = *stats.lower;
    if (stats.upper) entry.upper_bounds[id] = *stats.upper;
  }
  return entry;
}

// A manifest that is made for a new snapshot, of files of one partition spec.
class ManifestOfSnapshot {
 public:
  // Both must outlive it.
  ManifestOfSnapshot(const TableFolder& folder, const iceberg::Snapshot& snapshot, int spec_id)
      : folder_(folder), snapshot_(snapshot) {
    file_ = {.spec_id = spec_id,
             .sequence_number = snapshot.sequence_number,
             .min_sequence_number = snapshot.sequence_number,
             .added_snapshot_id = snapshot.id};
  }

  // A file that the snapshot adds. One with an origin has rows of an earlier snapshot.
  void Add(DataFile file) {
    const auto sequence = file.origin ? file.origin->sequence_number : snapshot_.sequence_number;
    file.origin = {.snapshot_id = snapshot_.id,
                   .sequence_number = sequence,
                   .file_sequence_number = snapshot_.sequence_number};
    // An added entry inherits the sequence numbers that it lacks from the list (spec, Sequence
    // Number Inheritance).
    auto entry = EntryOf(folder_, file);
    entry.snapshot_id = snapshot_.id;
    if (sequence != snapshot_.sequence_number) entry.sequence_number = sequence;
    file_.min_sequence_number = std::min(file_.min_sequence_number, sequence);
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
    ST_TRY(const auto head, HeadOf(state.metadata, file_.spec_id));
    const auto bytes = iceberg::EncodeManifest(head, entries_, env.random.NewUuid());
    file_.partitions = iceberg::SummariesOf(head, entries_);
    const auto name = ManifestName(file_.sequence_number, env.random.NewUuid());
    ST_TRY(const auto location, WriteMetadataFile(env.storage, folder_, name, bytes));
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
    const bool is_other = before.file.spec_id != manifests.back().file.spec_id;
    if (is_larger || is_other || before.file.length >= kLargeManifestBytes) break;
    --begin;
    run_files += files;
  }
  return begin;
}

}  // namespace

Status WriteAddedManifests(TableEnv env, const iceberg::Snapshot& snapshot,
                           std::vector<DataFile> files, TableState& state) {
  std::map<int, ManifestOfSnapshot> by_spec;
  for (auto& file : files) {
    const int spec = file.spec_id;
    by_spec.try_emplace(spec, state.folder, snapshot, spec).first->second.Add(std::move(file));
  }
  for (auto& [spec, manifest] : by_spec) {
    ST_TRY_STATUS(manifest.Write(env, state, state.manifests.size()));
  }
  return {};
}

Status WriteReplacedManifests(TableEnv env, const iceberg::Snapshot& snapshot,
                              const std::set<std::string>& removed, std::vector<DataFile> added,
                              TableState& state) {
  std::vector<LiveManifest> untouched;
  struct Replaced {
    ManifestOfSnapshot manifest;
    std::pair<std::size_t, std::size_t> place;  // in `untouched`; among those of one place
    bool has_removed = false;
  };
  std::map<int, Replaced> by_spec;
  const auto replaced = [&](int spec) -> Replaced& {
    const auto found = by_spec.find(spec);
    if (found != by_spec.end()) return found->second;
    return by_spec
        .emplace(spec, Replaced{.manifest = {state.folder, snapshot, spec},
                                .place = {untouched.size(), by_spec.size()}})
        .first->second;
  };
  const auto add = [&](int spec, Replaced& to) {
    if (std::exchange(to.has_removed, true)) return;
    std::vector<DataFile> others;
    for (auto& file : added) {
      if (file.spec_id == spec) {
        to.manifest.Add(std::move(file));
      } else {
        others.push_back(std::move(file));
      }
    }
    added = std::move(others);
  };
  for (const auto& before : state.manifests) {
    const auto has = [&](const std::string& location) { return before.files->Contains(location); };
    if (std::ranges::none_of(removed, has)) {
      untouched.push_back(before);
      continue;
    }
    auto& to = replaced(before.file.spec_id);
    for (const auto& file : before.files->files()) {
      if (!removed.contains(file.location)) {
        to.manifest.Keep(file);
        continue;
      }
      add(before.file.spec_id, to);
      to.manifest.Delete(file);
    }
  }
  state.manifests = std::move(untouched);
  ST_TRY_STATUS(WriteAddedManifests(env, snapshot, std::move(added), state));
  // From the last place on, so that the places before it stay right.
  std::vector<Replaced*> order;
  for (auto& [spec, each] : by_spec) order.push_back(&each);
  std::ranges::sort(order, std::greater(), &Replaced::place);
  for (auto* each : order) ST_TRY_STATUS(each->manifest.Write(env, state, each->place.first));
  return {};
}

Status WriteExistingManifests(TableEnv env, const iceberg::Snapshot& snapshot,
                              const std::vector<DataFile>& files, TableState& state) {
  std::map<int, ManifestOfSnapshot> by_spec;
  for (const auto& file : files) {
    by_spec.try_emplace(file.spec_id, state.folder, snapshot, file.spec_id)
        .first->second.Keep(file);
  }
  for (auto& [spec, manifest] : by_spec) {
    ST_TRY_STATUS(manifest.Write(env, state, state.manifests.size()));
  }
  return {};
}

Status MergeManifests(TableEnv env, const iceberg::Snapshot& snapshot, TableState& state) {
  if (state.manifests.size() < kMaxManifests) return {};
  const auto begin = BeginOfRun(state.manifests);
  if (state.manifests.cend() - begin < 2) return {};
  ManifestOfSnapshot merged(state.folder, snapshot, begin->file.spec_id);
  for (auto manifest = begin; manifest != state.manifests.cend(); ++manifest) {
    for (const auto& file : manifest->files->files()) merged.Keep(file);
  }
  state.manifests.erase(begin, state.manifests.cend());
  return merged.Write(env, state, state.manifests.size());
}

Result<std::string> WriteManifestList(TableEnv env, const iceberg::Snapshot& snapshot,
                                      const TableFolder& folder,
                                      const std::vector<iceberg::ManifestFile>& manifests) {
  const auto name = ManifestListName(snapshot.sequence_number, env.random.NewUuid());
  const auto bytes = iceberg::EncodeManifestList(snapshot, manifests, env.random.NewUuid());
  ST_TRY(const auto location, WriteMetadataFile(env.storage, folder, name, bytes));
  return folder.UriOf(location);
}

Result<std::string> WriteManifestList(TableEnv env, const iceberg::Snapshot& snapshot,
                                      const TableState& state) {
  std::vector<iceberg::ManifestFile> manifests;
  for (const auto& manifest : state.manifests) manifests.push_back(manifest.file);
  return WriteManifestList(env, snapshot, state.folder, manifests);
}

}  // namespace st::lake
