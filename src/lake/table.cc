#include "lake/table.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "lake/commit.h"
#include "lake/data_file.h"
#include "lake/limits.h"

namespace st::lake {

namespace {

constexpr std::uint64_t kSnapshotIdMask = (std::uint64_t{1} << 53) - 1;  // exact in a double

std::string Describe(const TableName& name) {
  return fmt::format("table {}.{}", name.schema, name.name);
}

// Milliseconds that do not go back behind the last version's.
std::int64_t NextTimeMs(os::Clock& clock, const iceberg::TableMetadata& metadata) {
  return std::max(clock.NowUs() / 1000, metadata.last_updated_ms);
}

std::int64_t NewSnapshotId(os::Random& random, const iceberg::TableMetadata& metadata) {
  while (true) {
    const auto id = static_cast<std::int64_t>(random.Next() & kSnapshotIdMask);
    const bool is_taken = std::ranges::find(metadata.snapshots, id, &iceberg::Snapshot::id) !=
                          metadata.snapshots.end();
    if (id != 0 && !is_taken) return id;
  }
}

std::map<std::string, std::string> Summary(const Append& append, const TableState& state) {
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  for (const auto& file : append.files) {
    records += file.record_count;
    bytes += file.file_size_bytes;
  }
  std::int64_t total_bytes = bytes;
  for (const auto& file : state.view->files) total_bytes += file.file_size_bytes;
  std::map<std::string, std::string> summary = {
      {"operation", "append"},
      {"added-data-files", std::to_string(append.files.size())},
      {"added-records", std::to_string(records)},
      {"added-files-size", std::to_string(bytes)},
      {"changed-partition-count", "1"},
      {"total-data-files", std::to_string(state.view->files.size() + append.files.size())},
      {"total-records", std::to_string(state.view->record_count + records)},
      {"total-files-size", std::to_string(total_bytes)},
      {"total-delete-files", "0"},
      {"total-position-deletes", "0"},
      {"total-equality-deletes", "0"},
      {"engine-name", "steelthread"}};
  summary.insert(append.summary.begin(), append.summary.end());  // ours win
  return summary;
}

Status CheckText(const std::map<std::string, std::string>& map, std::string_view what) {
  for (const auto& [key, value] : map) {
    if (IsUtf8(key) && IsUtf8(value)) continue;
    return Fail(ErrorCode::kInvalidArgument, "{} \"{}\" is not UTF-8", what, key);
  }
  return {};
}

// The name of a file that a worker wrote, or was writing (DuckDB's prefix).
bool IsDataFileName(std::string_view name) {
  if (name.starts_with("tmp_")) name.remove_prefix(4);
  if (!name.ends_with(".parquet")) return false;
  name.remove_suffix(std::string_view(".parquet").size());
  return Uuid::Parse(std::string(name)).has_value();
}

// Removes data files that were written and never committed: a kill between the two leaves them.
// Every file that any version named is live, since tables are only appended to; but a table that
// was put back from a copy may be older than its files, so young ones stay.
void SweepData(const Surroundings& world, const TableState& state) {
  const auto folder = state.place.data_folder();
  const auto names = world.fs.List(folder);
  if (!names) return;
  std::set<std::string_view> live;
  for (const auto& file : state.view->files) live.insert(file.path);
  for (const auto& name : *names) {
    const auto path = os::JoinPath(folder, name);
    if (live.contains(path) || !IsDataFileName(name)) continue;
    const auto modified = world.fs.ModifiedUs(path);
    if (!modified || *modified > world.clock.NowUs() - kOrphanAgeUs) continue;
    Ignore(world.fs.Remove(path), "the next start tries again");
  }
}

}  // namespace

Table::Table(Surroundings world, TableState state)
    : world_(world), state_(std::move(state)), view_(state_.view) {}

Result<std::unique_ptr<Table>> Table::Open(Surroundings world, const TableName& name,
                                           const std::string& folder) {
  ST_TRY(auto state, ReadTable(world.fs, name, folder));
  if (!state) return nullptr;
  SweepData(world, *state);
  return std::make_unique<Table>(world, std::move(*state));
}

Result<std::unique_ptr<Table>> Table::Create(Surroundings world, const TableName& name,
                                             const std::string& folder,
                                             const std::vector<Column>& columns,
                                             const std::map<std::string, std::string>& properties) {
  ST_TRY_STATUS(CheckText(properties, "property"));
  TableState state{
      .name = name, .place = {.folder = folder, .location = "file://" + folder}, .version = 1};
  state.metadata = {.table_uuid = world.random.NewUuid().ToString(),
                    .location = state.place.location,
                    .last_column_id = static_cast<int>(columns.size()),
                    .schemas = {{}},
                    .properties = properties};
  for (const auto& column : columns) {
    auto& fields = state.metadata.schemas[0].fields;
    fields.push_back({static_cast<int>(fields.size()) + 1, column.name, column.type, false});
  }
  state.metadata.last_updated_ms = world.clock.NowUs() / 1000;
  ST_TRY_STATUS(world.fs.CreateDirs(state.place.metadata_folder()));
  ST_TRY_STATUS(world.fs.CreateDirs(state.place.data_folder()));
  auto json = iceberg::EncodeTableMetadata(state.metadata);
  const auto published = PublishVersion(world, state.place, 1, json);
  if (published.outcome == PublishOutcome::kUnknown) {
    return Fail(ErrorCode::kOutcomeUnknown, "{}: version 1: {}", Describe(name),
                published.error->message());
  }
  if (published.outcome != PublishOutcome::kDone) return std::unexpected(*published.error);
  WriteVersionHint(world, state.place, 1);
  PublishView(state, std::move(json), {});
  return std::make_unique<Table>(world, std::move(state));
}

std::shared_ptr<const View> Table::view() const {
  return view_.With([](const std::shared_ptr<const View>& view) { return view; });
}

Result<std::string> Table::NewDataFilePath() {
  MutexLock lock(mu_);
  const auto folder = state_.place.data_folder();
  ST_TRY_STATUS(world_.fs.CreateDirs(folder));
  return os::JoinPath(folder, world_.random.NewUuid().ToString() + ".parquet");
}

Status Table::ReadAgain() {
  MutexLock lock(mu_);
  return ReadWhatHappened();
}

void Table::Close(const Error& why) {
  closed_.With([&why](auto& closed) { closed = why; });
}

Status Table::ReadDisk() {
  // A folder whose sync failed may seem clean to the next one: it gets a new name first, so that
  // the sync in ReadTable has to write the folder.
  const auto probe =
      fmt::format("{}/{}.tmp", state_.place.metadata_folder(), world_.random.NewUuid().ToString());
  ST_TRY_STATUS(os::WriteNewFile(world_.fs, probe, ""));
  auto state = ReadTable(world_.fs, state_.name, state_.place.folder);
  Ignore(world_.fs.Remove(probe), "Sweep removes it later");
  ST_TRY_STATUS(state);
  if (!*state || (*state)->version < state_.version) {
    return Fail(ErrorCode::kCorruption, "version {} is gone", state_.version);
  }
  Adopt(std::move(**state));
  return {};
}

Status Table::ReadWhatHappened() {
  if (!unknown_) return {};
  if (const auto done = ReadDisk(); !done) {
    const Error error(ErrorCode::kIo,
                      fmt::format("{}; what happened cannot be read: {}; it is tried again before "
                                  "each commit, so repair the disk",
                                  unknown_->message(), done.error().message()));
    Close(error);
    return std::unexpected(error);
  }
  unknown_.reset();
  closed_.With([](auto& closed) { closed.reset(); });
  return {};
}

Status Table::Check(const Append& append) {
  ST_TRY_STATUS(ReadWhatHappened());
  if (append.expected_version != state_.version) {
    return Fail(ErrorCode::kConflict, "{} is at version {}, not {}: read it again",
                Describe(state_.name), state_.version, append.expected_version);
  }
  ST_TRY_STATUS(CheckText(append.properties, "property"));
  ST_TRY_STATUS(CheckText(append.summary, "summary"));
  std::set<std::string_view> live;
  for (const auto& file : state_.view->files) live.insert(file.path);
  const auto folder = state_.place.data_folder() + "/";
  for (const auto& file : append.files) {
    if (!file.path.starts_with(folder) || file.path.find("/../") != std::string::npos) {
      return Fail(ErrorCode::kInvalidArgument, "{} does not lie in {}", file.path, folder);
    }
    if (!live.insert(file.path).second) {
      return Fail(ErrorCode::kInvalidArgument, "{} is in {} already", file.path,
                  Describe(state_.name));
    }
    if (file.record_count < 0 || file.file_size_bytes <= 0) {
      return Fail(ErrorCode::kInvalidArgument, "{} cannot have {} rows and {} bytes", file.path,
                  file.record_count, file.file_size_bytes);
    }
  }
  return {};
}

// Iceberg spec, Schema Evolution: a new schema, which later snapshots name; ids are never reused.
void Table::AddColumns(const std::vector<Column>& columns, iceberg::TableMetadata& metadata) {
  iceberg::Schema schema = *metadata.CurrentSchema();
  for (const auto& each : metadata.schemas) schema.id = std::max(schema.id, each.id + 1);
  for (const auto& column : columns) {
    schema.fields.push_back({++metadata.last_column_id, column.name, column.type, false});
  }
  metadata.current_schema_id = schema.id;
  metadata.schemas.push_back(std::move(schema));
}

Status Table::AddSnapshot(const Append& append, const std::vector<DataFile>& files,
                          TableState& next) {
  // I7: the worker synced each data file; its name is made durable here, whoever made it.
  ST_TRY_STATUS(world_.fs.SyncDir(next.place.data_folder()));
  auto& metadata = next.metadata;
  iceberg::Snapshot snapshot{.id = NewSnapshotId(world_.random, metadata),
                             .parent = metadata.current_snapshot_id,
                             .sequence_number = metadata.last_sequence_number + 1,
                             .timestamp_ms = metadata.last_updated_ms,
                             .summary = Summary(append, state_),
                             .schema_id = metadata.current_schema_id};
  ST_TRY_STATUS(MergeManifests(world_, next, state_.view->files, snapshot));
  ST_TRY(auto added, WriteAddedManifest(world_, next, files, snapshot));
  next.manifests.push_back(std::move(added));
  std::vector<iceberg::ManifestFile> manifests;
  for (const auto& manifest : next.manifests) manifests.push_back(manifest.file);
  const auto path =
      os::JoinPath(next.place.metadata_folder(),
                   ManifestListName(snapshot.sequence_number, world_.random.NewUuid()));
  ST_TRY_STATUS(os::WriteNewFile(
      world_.fs, path, iceberg::EncodeManifestList(snapshot, manifests, world_.random.NewUuid())));
  snapshot.manifest_list = next.place.UriFor(path);
  for (std::size_t i = 0; i < files.size(); ++i) {
    next.origins.push_back({snapshot.id, snapshot.sequence_number, snapshot.sequence_number});
  }
  metadata.last_sequence_number = snapshot.sequence_number;
  metadata.current_snapshot_id = snapshot.id;
  metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
  metadata.snapshots.push_back(std::move(snapshot));
  return {};
}

Result<std::shared_ptr<const View>> Table::Commit(const Append& append) {
  MutexLock lock(mu_);
  ST_TRY_STATUS(Check(append));
  auto added = append.files;
  for (auto& file : added) {
    const auto size = static_cast<std::uint64_t>(file.file_size_bytes);
    ST_TRY(file.crc32c, ChecksumOf(world_.fs, file.path, size));
  }
  TableState next = state_;
  ++next.version;
  next.metadata.metadata_log.push_back(
      {state_.metadata.last_updated_ms, next.place.UriFor(state_.view->metadata_file)});
  next.metadata.last_updated_ms = NextTimeMs(world_.clock, state_.metadata);
  for (const auto& [key, value] : append.properties) next.metadata.properties[key] = value;
  if (!append.add_columns.empty()) AddColumns(append.add_columns, next.metadata);
  if (!added.empty()) ST_TRY_STATUS(AddSnapshot(append, added, next));
  const auto removable = Expire(next, next.metadata.last_updated_ms);
  auto json = iceberg::EncodeTableMetadata(next.metadata);
  const auto published = PublishVersion(world_, next.place, next.version, json);
  if (published.outcome == PublishOutcome::kUnknown) {
    unknown_ =
        Error(ErrorCode::kOutcomeUnknown, fmt::format("{}: version {}: {}", Describe(next.name),
                                                      next.version, published.error->message()));
    Close(*unknown_);
    return std::unexpected(*unknown_);
  }
  if (published.outcome == PublishOutcome::kNotDone) {
    if (published.error->code() != ErrorCode::kAlreadyExists) {
      return std::unexpected(*published.error);
    }
    // Somebody else made this version: what is on the disk holds (I6).
    ST_TRY(auto read, ReadTable(world_.fs, state_.name, state_.place.folder));
    if (read) Adopt(std::move(*read));
    return Fail(ErrorCode::kConflict, "{}: another process made version {}: read it again",
                Describe(next.name), next.version);
  }
  auto files = state_.view->files;
  files.insert(files.end(), added.begin(), added.end());
  PublishView(next, std::move(json), std::move(files));
  Adopt(std::move(next));
  WriteVersionHint(world_, state_.place, state_.version);
  for (const auto& path : removable) Ignore(world_.fs.Remove(path), "Sweep removes it later");
  if (state_.version % kSweepEvery == 0) Sweep();
  return state_.view;
}

void Table::Adopt(TableState state) {
  state_ = std::move(state);
  view_.With([view = state_.view](std::shared_ptr<const View>& shown) { shown = view; });
}

// Which manifests are needed follows from sequence numbers: a manifest enters the lists with the
// snapshot that made it and leaves them for good when it is merged. So one that is older than the
// oldest snapshot kept, and not in that snapshot's list, is in no list that is kept.
void Table::Sweep() {
  const auto& metadata = state_.metadata;
  const auto folder = state_.place.metadata_folder();
  const auto names = world_.fs.List(folder);
  if (!names || metadata.snapshots.empty()) return;
  const auto oldest =
      ReadManifestList(world_.fs, state_.place, metadata.snapshots.front().manifest_list);
  if (!oldest) return;
  std::set<std::string> needed = {state_.view->metadata_file};
  const auto& place = state_.place;
  const auto need = [&needed, &place](const std::string& uri) {
    if (auto path = place.PathFor(uri)) needed.insert(std::move(*path));
  };
  for (const auto& entry : metadata.metadata_log) need(entry.file);
  for (const auto& snapshot : metadata.snapshots) need(snapshot.manifest_list);
  for (const auto& manifest : *oldest) need(manifest.path);
  for (const auto& manifest : state_.manifests) need(manifest.file.path);
  const auto oldest_sequence = metadata.snapshots.front().sequence_number;
  for (const auto& name : *names) {
    const auto path = os::JoinPath(folder, name);
    if (needed.contains(path)) continue;
    const auto version = VersionOfFileName(name);
    const auto manifest = SequenceOfFileName("m-", name);
    const bool is_garbage = name.ends_with(".tmp") || (version && *version < state_.version) ||
                            SequenceOfFileName("snap-", name).has_value() ||
                            (manifest && *manifest < oldest_sequence);
    if (is_garbage) Ignore(world_.fs.Remove(path), "the next sweep tries again");
  }
}

}  // namespace st::lake
