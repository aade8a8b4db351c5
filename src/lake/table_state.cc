#include "lake/table_state.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "lake/limits.h"

namespace st::lake {

namespace {

constexpr std::string_view kVersionSuffix = ".metadata.json";

// `error` as one of the file at `path`, with what a person can do.
std::unexpected<Error> FileError(const Error& error, std::string_view path) {
  if (error.code() != ErrorCode::kCorruption) return std::unexpected(error.WithContext(path));
  return Fail(ErrorCode::kCorruption,
              "{}: {}; restore the data folder as a whole from a copy (data files are not harmed)",
              path, error.message());
}

template <typename T>
Result<T> Named(Result<T> result, std::string_view path) {
  if (!result) return FileError(result.error(), path);
  return result;
}

Result<std::string> ReadMetadataFile(os::FileSystem& fs, const std::string& path) {
  auto bytes = os::ReadWholeFile(fs, path, kMaxMetadataBytes);
  if (!bytes && bytes.error().code() == ErrorCode::kNotFound) {
    return FileError(Error(ErrorCode::kCorruption, "the file is missing"), path);
  }
  return bytes;
}

DataFile DataFileOf(const iceberg::ManifestEntry& entry, std::string path) {
  DataFile file{.path = std::move(path),
                .record_count = entry.record_count,
                .file_size_bytes = entry.file_size_bytes,
                .crc32c = entry.crc32c,
                .columns = {}};
  for (const auto& [id, size] : entry.column_sizes) file.columns[id].size_bytes = size;
  for (const auto& [id, count] : entry.value_counts) file.columns[id].value_count = count;
  for (const auto& [id, count] : entry.null_value_counts) file.columns[id].null_count = count;
  for (const auto& [id, bound] : entry.lower_bounds) file.columns[id].lower = bound;
  for (const auto& [id, bound] : entry.upper_bounds) file.columns[id].upper = bound;
  return file;
}

// Appends the live files of `manifest` to the state and `files`.
Status ReadManifest(os::FileSystem& fs, const iceberg::ManifestFile& manifest, TableState& state,
                    std::vector<DataFile>& files) {
  ST_TRY(const auto path, state.place.PathFor(manifest.path));
  ST_TRY(const auto bytes, ReadMetadataFile(fs, path));
  if (bytes.size() != static_cast<std::uint64_t>(manifest.length)) {
    return FileError(Error(ErrorCode::kCorruption,
                           fmt::format("it has {} bytes, not {}", bytes.size(), manifest.length)),
                     path);
  }
  ST_TRY(const auto entries, Named(iceberg::DecodeManifest(bytes), path));
  for (const auto& entry : entries) {
    if (entry.status == iceberg::EntryStatus::kDeleted) {
      return Fail(ErrorCode::kUnsupported, "{}: it deletes files", path);
    }
    ST_TRY(auto file_path, Named(state.place.PathFor(entry.file_path), path));
    files.push_back(DataFileOf(entry, std::move(file_path)));
    state.origins.push_back(
        {.snapshot_id = entry.snapshot_id.value_or(manifest.added_snapshot_id),
         .sequence_number = entry.sequence_number.value_or(manifest.sequence_number),
         .file_sequence_number = entry.file_sequence_number.value_or(manifest.sequence_number)});
  }
  if (std::ssize(entries) != manifest.added_files + manifest.existing_files) {
    return FileError(
        Error(ErrorCode::kCorruption, fmt::format("it has {} files, not {}", entries.size(),
                                                  manifest.added_files + manifest.existing_files)),
        path);
  }
  state.manifests.push_back({manifest, entries.size()});
  return {};
}

// The live files must be as many as the snapshot's summary says: a list that was cut between two
// blocks, or that lost a line, shows here.
Status CheckTotals(const iceberg::Snapshot& snapshot, const std::vector<DataFile>& files) {
  const auto records =
      std::accumulate(files.begin(), files.end(), std::int64_t{0},
                      [](std::int64_t sum, const DataFile& f) { return sum + f.record_count; });
  for (const auto& [key, have] :
       {std::pair("total-data-files", std::ssize(files)), std::pair("total-records", records)}) {
    const auto found = snapshot.summary.find(key);
    if (found == snapshot.summary.end() || ParseInt64(found->second) == have) continue;
    return Fail(ErrorCode::kCorruption, "snapshot {} says {} {}, its manifests {}", snapshot.id,
                key, found->second, have);
  }
  return {};
}

Result<std::vector<DataFile>> ReadSnapshot(os::FileSystem& fs, TableState& state) {
  std::vector<DataFile> files;
  const auto* snapshot = state.metadata.CurrentSnapshot();
  if (snapshot == nullptr) return files;
  ST_TRY(const auto manifests, ReadManifestList(fs, state.place, snapshot->manifest_list));
  for (const auto& manifest : manifests) {
    ST_TRY_STATUS(ReadManifest(fs, manifest, state, files));
  }
  ST_TRY(const auto list, state.place.PathFor(snapshot->manifest_list));
  if (const auto totals = CheckTotals(*snapshot, files); !totals) {
    return FileError(totals.error(), list);
  }
  return files;
}

Result<bool> HasDataFiles(os::FileSystem& fs, const Place& place) {
  const auto names = fs.List(place.data_folder());
  if (!names && names.error().code() == ErrorCode::kNotFound) return false;
  if (!names) return std::unexpected(names.error());
  return !names->empty();
}

}  // namespace

std::string VersionFileName(std::int64_t version) {
  return fmt::format("v{}{}", version, kVersionSuffix);
}

std::optional<std::int64_t> VersionOfFileName(std::string_view name) {
  if (!name.ends_with(kVersionSuffix)) return std::nullopt;
  name.remove_suffix(kVersionSuffix.size());
  if (!name.starts_with('v')) return std::nullopt;
  const auto version = ParseInt64(name.substr(1));
  // "v07" or "v+7" is no name of ours.
  if (!version || *version < 1 || fmt::format("v{}", *version) != name) return std::nullopt;
  return version;
}

std::string ManifestName(std::int64_t sequence, const Uuid& uuid) {
  return fmt::format("m-{}-{}.avro", sequence, uuid.ToString());
}

std::string ManifestListName(std::int64_t sequence, const Uuid& uuid) {
  return fmt::format("snap-{}-{}.avro", sequence, uuid.ToString());
}

std::optional<std::int64_t> SequenceOfFileName(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix) || !name.ends_with(".avro")) return std::nullopt;
  name.remove_prefix(prefix.size());
  return ParseInt64(name.substr(0, name.find('-')));
}

std::string Place::UriFor(std::string_view path) const {
  return location + std::string(path.substr(folder.size()));
}

Result<std::string> Place::PathFor(std::string_view uri) const {
  const bool is_inside = uri.starts_with(location) && uri.substr(location.size()).starts_with('/');
  if (!is_inside || uri.find("/../") != std::string_view::npos) {
    return Fail(ErrorCode::kCorruption, "\"{}\" does not lie in the table's location \"{}\"", uri,
                location);
  }
  return folder + std::string(uri.substr(location.size()));
}

void PublishView(TableState& state, std::string metadata_json, std::vector<DataFile> files) {
  auto view = std::make_shared<View>();
  view->name = state.name;
  view->table_uuid = Uuid::Parse(state.metadata.table_uuid).value_or(Uuid());
  view->location = state.place.folder;
  view->metadata_file = os::JoinPath(state.place.metadata_folder(), VersionFileName(state.version));
  view->metadata_json = std::move(metadata_json);
  view->version = state.version;
  for (const auto& field : state.metadata.CurrentSchema()->fields) {
    view->columns.push_back({field.id, field.name, field.type});
  }
  view->properties = state.metadata.properties;
  if (const auto* snapshot = state.metadata.CurrentSnapshot()) {
    view->snapshot = SnapshotId(snapshot->id);
    view->snapshot_time_ms = snapshot->timestamp_ms;
  }
  view->snapshot_count = std::ssize(state.metadata.snapshots);
  for (const auto& file : files) view->record_count += file.record_count;
  view->files = std::move(files);
  state.view = std::move(view);
}

iceberg::ManifestEntry EntryFor(const Place& place, const DataFile& file) {
  iceberg::ManifestEntry entry{.file_path = place.UriFor(file.path),
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

Result<std::vector<iceberg::ManifestFile>> ReadManifestList(os::FileSystem& fs, const Place& place,
                                                            const std::string& uri) {
  ST_TRY(const auto path, place.PathFor(uri));
  ST_TRY(const auto bytes, ReadMetadataFile(fs, path));
  return Named(iceberg::DecodeManifestList(bytes), path);
}

Result<std::int64_t> NewestVersion(os::FileSystem& fs, const Place& place) {
  const auto names = fs.List(place.metadata_folder());
  if (!names && names.error().code() == ErrorCode::kNotFound) return 0;
  ST_TRY_STATUS(names);
  std::int64_t newest = 0;
  for (const auto& file : *names) newest = std::max(newest, VersionOfFileName(file).value_or(0));
  return newest;
}

Result<std::optional<TableState>> ReadTable(os::FileSystem& fs, const TableName& name,
                                            const std::string& folder) {
  TableState state{.name = name, .place = {.folder = folder, .location = {}}};
  ST_TRY(state.version, NewestVersion(fs, state.place));
  if (state.version == 0) {
    ST_TRY(const bool has_data, HasDataFiles(fs, state.place));
    if (!has_data) return std::nullopt;
    return FileError(
        Error(ErrorCode::kCorruption, "there are data files but no v<N>.metadata.json"),
        state.place.metadata_folder());
  }
  // A version that is seen but whose name is not on the disk yet may be built upon only then.
  ST_TRY_STATUS(fs.SyncDir(state.place.metadata_folder()));
  const auto path = os::JoinPath(state.place.metadata_folder(), VersionFileName(state.version));
  ST_TRY(auto json, ReadMetadataFile(fs, path));
  ST_TRY(state.metadata, Named(iceberg::ParseTableMetadata(json), path));
  if (!Uuid::Parse(state.metadata.table_uuid)) {
    return FileError(Error(ErrorCode::kCorruption, "\"table-uuid\" is no UUID"), path);
  }
  // The whole folder may have moved, but not one table to another's place.
  if (!state.metadata.location.ends_with(fmt::format("/{}/{}", name.schema, name.name))) {
    return FileError(Error(ErrorCode::kCorruption,
                           fmt::format("it is of the table at \"{}\", not of {}.{}: restore the "
                                       "table's own folder",
                                       state.metadata.location, name.schema, name.name)),
                     path);
  }
  state.place.location = state.metadata.location;
  if (const auto* snapshot = state.metadata.CurrentSnapshot()) {
    ST_TRY(const auto list, Named(state.place.PathFor(snapshot->manifest_list), path));
    static_cast<void>(list);
  }
  auto files = ReadSnapshot(fs, state);
  if (!files) return std::unexpected(files.error());
  PublishView(state, std::move(json), std::move(*files));
  return state;
}

}  // namespace st::lake
