#include "lake/table_state.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "lake/file_names.h"
#include "lake/history.h"
#include "lake/holds.h"
#include "lake/layout.h"
#include "lake/limits.h"
#include "lake/metadata_files.h"
#include "lake/names.h"
#include "lake/schema.h"

namespace st::lake {

namespace {

DataFile DataFileOf(const iceberg::ManifestEntry& entry, const iceberg::ManifestFile& manifest,
                    std::string location) {
  DataFile file{.location = std::move(location),
                .record_count = entry.record_count,
                .file_size_bytes = entry.file_size_bytes,
                .crc32c = entry.crc32c,
                .columns = {},
                .spec_id = manifest.spec_id,
                .partition = entry.partition,
                .sort_order_id = entry.sort_order_id};
  // An added entry inherits the fields that it lacks (spec, Sequence Number Inheritance).
  file.origin = {
      .snapshot_id = entry.snapshot_id.value_or(manifest.added_snapshot_id),
      .sequence_number = entry.sequence_number.value_or(manifest.sequence_number),
      .file_sequence_number = entry.file_sequence_number.value_or(manifest.sequence_number)};
  for (const auto& [id, size] : entry.column_sizes) file.columns[id].size_bytes = size;
  for (const auto& [id, count] : entry.value_counts) file.columns[id].value_count = count;
  for (const auto& [id, count] : entry.null_value_counts) file.columns[id].null_count = count;
  for (const auto& [id, count] : entry.nan_value_counts) file.columns[id].nan_count = count;
  file.split_offsets = entry.split_offsets;
  for (const auto& [id, bound] : entry.lower_bounds) file.columns[id].lower = bound;
  for (const auto& [id, bound] : entry.upper_bounds) file.columns[id].upper = bound;
  return file;
}

}  // namespace

Result<LiveManifest> ReadManifest(Storage& storage, const TableFolder& folder,
                                  const iceberg::ManifestFile& manifest) {
  ST_TRY(const auto location, folder.LocationOf(manifest.path));
  ST_TRY(const auto bytes, ReadMetadataFile(storage, location));
  if (bytes.size() != static_cast<std::uint64_t>(manifest.length)) {
    return DamagedMetadata(location,
                           fmt::format("it has {} bytes, not {}", bytes.size(), manifest.length));
  }
  ST_TRY(const auto entries, OfMetadataFile(iceberg::DecodeManifest(bytes), location));
  std::vector<DataFile> files;
  files.reserve(entries.size());
  for (const auto& entry : entries) {
    if (entry.status == iceberg::EntryStatus::kDeleted) continue;
    ST_TRY(auto file_location, OfMetadataFile(folder.LocationOf(entry.file_path), location));
    files.push_back(DataFileOf(entry, manifest, std::move(file_location)));
  }
  if (std::ssize(files) != manifest.added_files + manifest.existing_files) {
    return DamagedMetadata(location, fmt::format("it has {} files, not {}", files.size(),
                                                 manifest.added_files + manifest.existing_files));
  }
  return LiveManifest{.file = manifest,
                      .files = std::make_shared<const FileChunk>(std::move(files))};
}

namespace {

// The files must be as many as the snapshot's summary says. A list that was truncated between two
// blocks, or lost an entry, fails here.
Status CheckTotals(const iceberg::Snapshot& snapshot, const std::vector<LiveManifest>& manifests) {
  FileTotals totals;
  for (const auto& manifest : manifests) totals += manifest.files->totals();
  for (const auto& [key, have] :
       {std::pair("total-data-files", totals.files), std::pair("total-records", totals.records)}) {
    const auto found = snapshot.summary.find(key);
    if (found == snapshot.summary.end() || ParseInt64(found->second) == have) continue;
    return Fail(ErrorCode::kCorruption, "snapshot {} says {} {}, its manifests {}", snapshot.id,
                key, found->second, have);
  }
  return {};
}

// Metadata that names another table, or has no valid id, is damage.
Status CheckIdentity(const iceberg::TableMetadata& metadata, const TableName& name) {
  if (!Uuid::Parse(metadata.table_uuid)) {
    return Fail(ErrorCode::kCorruption, "\"table-uuid\" is no UUID");
  }
  // The warehouse may have moved as a whole, but no table into the folder of another.
  if (metadata.location.ends_with(fmt::format("/{}/{}", name.schema, name.name))) return {};
  return Fail(ErrorCode::kCorruption,
              "it belongs to the table at \"{}\", not to {}.{}: restore the table's own folder",
              metadata.location, name.schema, name.name);
}

std::vector<std::int64_t> TaggedSequenceNumbers(const iceberg::TableMetadata& metadata) {
  std::set<std::int64_t> numbers;
  for (const auto& tag : metadata.tags) {
    if (IsTagOfHold(tag)) continue;
    if (const auto* snapshot = metadata.FindSnapshot(tag.snapshot_id)) {
      numbers.insert(snapshot->sequence_number);
    }
  }
  return {numbers.begin(), numbers.end()};
}

std::string_view FileNamesOf(const TableState& state) {
  return TextOf(kFileNamesProperty, state.metadata, state.stored);
}

bool IsDropped(const iceberg::TableMetadata& metadata) {
  return metadata.properties.contains(kDroppedProperty);
}

// The version that the hint names; 0: none. It is written behind the version, which is durable
// then, and is not durable itself.
std::int64_t HintedVersion(Storage& storage, const TableFolder& folder) {
  const auto hint = storage.Read(folder.metadata_file(kVersionHintName), kMaxMetadataBytes);
  return hint ? ParseInt64(*hint).value_or(0) : 0;
}

// Reads all that the version at `location` names and that a View needs.
Status ReadNamedFiles(Storage& storage, const std::string& location, TableState& state) {
  for (const auto& [key, uri] : state.metadata.properties) {
    if (!NamesValue(key, state.metadata.properties)) continue;
    ST_TRY_STATUS(OfMetadataFile(state.folder.LocationOf(uri), location));
  }
  ST_TRY(state.stored, ReadStoredValues(storage, state.folder, state.metadata.properties));
  ST_TRY_STATUS(OfMetadataFile(FileNames::Of(state.metadata, FileNamesOf(state)), location));
  if (const auto* snapshot = state.metadata.CurrentSnapshot()) {
    ST_TRY_STATUS(OfMetadataFile(state.folder.LocationOf(snapshot->manifest_list), location));
    ST_TRY(state.manifests, ReadSnapshot(storage, state.folder, *snapshot));
  } else if (!state.metadata.snapshots.empty()) {
    return DamagedMetadata(location, "it has snapshots, and none of them is the current one");
  }
  return {};
}

}  // namespace

Result<std::vector<LiveManifest>> ReadSnapshot(Storage& storage, const TableFolder& folder,
                                               const iceberg::Snapshot& snapshot) {
  ST_TRY(const auto listed, ReadManifestList(storage, folder, snapshot.manifest_list));
  std::vector<LiveManifest> manifests;
  for (const auto& file : listed) {
    ST_TRY(auto manifest, ReadManifest(storage, folder, file));
    manifests.push_back(std::move(manifest));
  }
  ST_TRY(const auto list, folder.LocationOf(snapshot.manifest_list));
  if (const auto totals = CheckTotals(snapshot, manifests); !totals) {
    return MetadataError(totals.error(), list);
  }
  return manifests;
}

bool NamesFile(const TableState& state, const std::string& location) {
  if (location == state.view->metadata_file || state.view->files.Contains(location)) return true;
  const auto uri = state.folder.UriOf(location);
  const auto is_manifest = [&](const auto& manifest) { return manifest.file.path == uri; };
  const auto names = [&](const iceberg::Snapshot& snapshot) {
    return snapshot.manifest_list == uri || PositionFileOf(state.folder, snapshot) == location;
  };
  const auto has_value = [&](const auto& stored) { return stored.second.file == location; };
  return std::ranges::any_of(state.manifests, is_manifest) ||
         std::ranges::any_of(state.stored, has_value) ||
         std::ranges::any_of(state.metadata.snapshots, names);
}

std::set<std::string> LocationsOf(const std::vector<LiveManifest>& manifests) {
  std::set<std::string> locations;
  for (const auto& manifest : manifests) {
    for (const auto& file : manifest.files->files()) locations.insert(file.location);
  }
  return locations;
}

void PublishView(const Storage& storage, std::string metadata_json, TableState& state) {
  auto view = std::make_shared<View>();
  view->name = state.name;
  view->table_uuid = Uuid::Parse(state.metadata.table_uuid).value_or(Uuid());
  view->location = state.folder.location;
  view->metadata_file = state.folder.metadata_file(VersionFileName(state.version));
  view->metadata_uri = storage.UriOf(view->metadata_file);
  view->metadata_json = std::move(metadata_json);
  view->version = state.version;
  view->columns = ColumnsOf(state.metadata, FileNamesOf(state));
  view->layout = LayoutOf(state.metadata);
  view->spec_id = state.metadata.default_spec_id;
  view->sort_order_id = state.metadata.default_sort_order_id;
  view->partition_specs = SpecsOf(state.metadata);
  view->properties = state.metadata.properties;
  for (const auto& [key, value] : state.stored) {
    view->properties.erase(fmt::format("{}{}", key, kFileSuffix));
    view->properties[key] = value.text;
  }
  view->is_moved = state.folder.uri != storage.UriOf(state.folder.location);
  if (const auto* snapshot = state.metadata.CurrentSnapshot()) {
    view->snapshot = SnapshotId(snapshot->id);
    view->snapshot_time_ms = snapshot->timestamp_ms;
  }
  view->snapshot_count = std::ssize(state.metadata.snapshots);
  view->tagged_sequence_numbers = TaggedSequenceNumbers(state.metadata);
  view->holds = CountHeld(state.metadata);
  for (const auto& manifest : state.manifests) view->files.Append(manifest.files);
  view->record_count = view->files.totals().records;
  state.view = std::move(view);
}

Result<std::vector<iceberg::ManifestFile>> ReadManifestList(Storage& storage,
                                                            const TableFolder& folder,
                                                            const std::string& list_uri) {
  ST_TRY(const auto location, folder.LocationOf(list_uri));
  ST_TRY(const auto bytes, ReadMetadataFile(storage, location));
  ST_TRY(auto manifests, OfMetadataFile(iceberg::DecodeManifestList(bytes), location));
  for (const auto& manifest : manifests) {
    ST_TRY_STATUS(OfMetadataFile(folder.LocationOf(manifest.path), location));
  }
  return manifests;
}

Result<std::int64_t> NewestVersion(Storage& storage, const TableFolder& folder) {
  ST_TRY(const auto names, storage.List(folder.metadata_folder()));
  std::int64_t newest = 0;
  for (const auto& file : names) newest = std::max(newest, VersionOfFileName(file).value_or(0));
  return newest;
}

Result<std::int64_t> DroppedVersion(Storage& storage, const TableFolder& folder) {
  ST_TRY(const auto newest, NewestVersion(storage, folder));
  if (newest == 0) return 0;
  const auto location = folder.metadata_file(VersionFileName(newest));
  ST_TRY(const auto json, ReadVersionFile(storage, location));
  ST_TRY(const auto metadata, ParseVersion(json, location));
  return IsDropped(metadata) ? newest : 0;
}

Result<std::optional<TableState>> ReadTable(Storage& storage, const TableName& name) {
  TableState state{.name = name, .folder = FolderOf(storage, name)};
  const auto about = [&](const Error& error) {
    return std::unexpected(error.WithContext("table " + FullName(name)));
  };
  const auto newest = NewestVersion(storage, state.folder);
  if (!newest) return about(newest.error());
  state.version = *newest;
  if (const auto hinted = HintedVersion(storage, state.folder); hinted > state.version) {
    return MissingMetadata(state.folder.metadata_file(VersionFileName(hinted)));
  }
  if (state.version == 0) {
    const auto data = storage.List(state.folder.data_folder());
    if (!data) return about(data.error());
    if (data->empty()) return std::nullopt;
    return DamagedMetadata(state.folder.metadata_file("v<N>.metadata.json"),
                           "there are data files and no version");
  }
  // Until the folder is synced a power loss may remove the name of a version that is visible.
  // Nothing may build on the version before that.
  if (const auto synced = storage.SyncFolder(state.folder.metadata_folder()); !synced) {
    return about(synced.error());
  }
  const auto location = state.folder.metadata_file(VersionFileName(state.version));
  ST_TRY(auto json, ReadVersionFile(storage, location));
  ST_TRY(state.metadata, ParseVersion(json, location));
  ST_TRY_STATUS(OfMetadataFile(CheckIdentity(state.metadata, name), location));
  if (IsDropped(state.metadata)) return std::nullopt;
  ST_TRY_STATUS(OfMetadataFile(CheckHolds(state.metadata), location));
  state.folder.uri = state.metadata.location;
  ST_TRY_STATUS(ReadNamedFiles(storage, location, state));
  PublishView(storage, std::move(json), state);
  return state;
}

Result<std::optional<TableState>> ReadTableBesideOwner(
    Storage& storage, const TableName& name, const std::function<Status(TableState&)>& turn) {
  const auto folder = FolderOf(storage, name);
  ST_TRY(auto version, NewestVersion(storage, folder));
  while (true) {
    auto state = ReadTable(storage, name);
    if (state && *state) {
      if (const auto turned = turn(**state); !turned) state = std::unexpected(turned.error());
    }
    if (state) return state;
    // A newer version may have appeared, and the files of this one may have been removed.
    ST_TRY(const auto newest, NewestVersion(storage, folder));
    if (newest == version) return state;
    version = newest;
  }
}

}  // namespace st::lake
