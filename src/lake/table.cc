#include "lake/table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "lake/checksum.h"
#include "lake/history.h"
#include "lake/limits.h"
#include "lake/orphans.h"

namespace st::lake {

namespace {

// A double holds each such id exactly.
constexpr std::uint64_t kSnapshotIdMask = (std::uint64_t{1} << 53) - 1;

std::string Describe(const TableName& name) {
  return fmt::format("table {}.{}", name.schema, name.name);
}

// The time now, in milliseconds, but never earlier than that of the last version.
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

FileTotals TotalsOf(const std::vector<DataFile>& files) {
  FileTotals totals;
  for (const auto& file : files) totals += {1, file.record_count, file.file_size_bytes};
  return totals;
}

Status CheckText(const std::map<std::string, std::string>& map, std::string_view what) {
  for (const auto& [key, value] : map) {
    if (IsUtf8(key) && IsUtf8(value)) continue;
    return Fail(ErrorCode::kInvalidArgument, "{} \"{}\" is not UTF-8", what, key);
  }
  return {};
}

// Adds a schema, which later snapshots name; column ids are never reused (spec, Schema Evolution).
void AddColumns(const std::vector<Column>& columns, iceberg::TableMetadata& metadata) {
  iceberg::Schema schema = *metadata.CurrentSchema();
  for (const auto& each : metadata.schemas) schema.id = std::max(schema.id, each.id + 1);
  for (const auto& column : columns) {
    schema.fields.push_back({++metadata.last_column_id, column.name, column.type, false});
  }
  metadata.current_schema_id = schema.id;
  metadata.schemas.push_back(std::move(schema));
}

// Creates v<N>.metadata.json and sets state.view. I7: every file that it names was written before.
//
// Errors: those of Storage::CreateIfAbsent.
Status WriteVersion(TableEnv env, TableState& state) {
  auto json = iceberg::EncodeTableMetadata(state.metadata);
  const auto location = state.folder.metadata_file(VersionFileName(state.version));
  const auto created = env.storage.CreateIfAbsent(location, json, env.random.NewUuid());
  if (!created && created.error().code() == ErrorCode::kOutcomeUnknown) {
    return Fail(ErrorCode::kOutcomeUnknown, "{}: version {}: {}", Describe(state.name),
                state.version, created.error().message());
  }
  ST_TRY_STATUS(created);
  PublishView(env.storage, std::move(json), state);
  return {};
}

// Some readers start at version-hint.text and look for newer versions from there.
void WriteVersionHint(TableEnv env, const TableState& state) {
  Ignore(env.storage.Replace(state.folder.metadata_file("version-hint.text"),
                             std::to_string(state.version)),
         "the hint is only for readers without a catalog; the next commit writes it again");
}

}  // namespace

Table::Table(TableEnv env, TableState state)
    : env_(env),
      data_folder_(state.folder.data_folder()),
      retired_data_(data_folder_),
      retired_metadata_(state.folder.metadata_folder(), kMaxUnnamedMetadata) {
  const MutexLock lock(mu_);
  Adopt(std::move(state));
}

Result<std::unique_ptr<Table>> Table::Open(TableEnv env, const TableName& name) {
  ST_TRY(auto state, ReadTable(env.storage, name));
  if (!state) return nullptr;
  return std::make_unique<Table>(env, std::move(*state));
}

Result<std::unique_ptr<Table>> Table::Create(TableEnv env, const TableName& name,
                                             const std::vector<Column>& columns,
                                             const std::map<std::string, std::string>& properties) {
  ST_TRY_STATUS(CheckText(properties, "property"));
  TableState state{.name = name, .folder = FolderOf(env.storage, name), .version = 1};
  state.metadata = {.table_uuid = env.random.NewUuid().ToString(),
                    .location = state.folder.uri,
                    .last_column_id = static_cast<int>(columns.size()),
                    .schemas = {{}},
                    .properties = properties};
  for (const auto& column : columns) {
    auto& fields = state.metadata.schemas[0].fields;
    fields.push_back({static_cast<int>(fields.size()) + 1, column.name, column.type, false});
  }
  state.metadata.last_updated_ms = env.clock.NowUs() / 1000;
  ST_TRY_STATUS(env.storage.MakeFolder(state.folder.metadata_folder()));
  ST_TRY_STATUS(env.storage.MakeFolder(state.folder.data_folder()));
  ST_TRY_STATUS(WriteVersion(env, state));
  WriteVersionHint(env, state);
  return std::make_unique<Table>(env, std::move(state));
}

std::shared_ptr<const View> Table::view() const {
  return view_.With([](const std::shared_ptr<const View>& view) { return view; });
}

Result<std::string> Table::NewDataFile() const {
  ST_TRY_STATUS(env_.storage.MakeFolder(data_folder_));
  return JoinLocation(data_folder_, DataFileName(env_.random.NewUuid()));
}

Status Table::DiscardDataFile(const std::string& location) {
  MutexLock lock(mu_);
  if (unknown_) {
    return Fail(ErrorCode::kUnavailable, "{} stays: {}", location, unknown_->message());
  }
  if (state_.view->files.Contains(location) || retired_data_.Contains(location)) {
    return Fail(ErrorCode::kInvalidArgument, "{} is in {}: it cannot be discarded", location,
                Describe(state_.name));
  }
  const auto removed = env_.storage.Remove(location);
  if (!removed && removed.error().code() == ErrorCode::kNotFound) return {};
  return removed;
}

Status Table::ReadAgain() {
  MutexLock lock(mu_);
  return ReadAfterUnknown();
}

void Table::Close(const Error& why) {
  closed_.With([&why](auto& closed) { closed = why; });
}

Status Table::ReadFiles() {
  // The sync of this folder may be the step that failed.
  ST_TRY_STATUS(env_.storage.SyncFolderAgain(state_.folder.metadata_folder()));
  ST_TRY(auto state, ReadTable(env_.storage, state_.name));
  if (!state || state->version < state_.version) {
    return Fail(ErrorCode::kCorruption, "version {} is gone", state_.version);
  }
  Adopt(std::move(*state));
  return {};
}

Status Table::ReadAfterUnknown() {
  if (!unknown_) return {};
  if (const auto done = ReadFiles(); !done) {
    const Error error(
        ErrorCode::kIo,
        fmt::format("{}; the outcome cannot be read: {}; each commit tries to read it "
                    "again, so repair the disk",
                    unknown_->message(), done.error().message()));
    Close(error);
    return std::unexpected(error);
  }
  unknown_.reset();
  closed_.With([](auto& closed) { closed.reset(); });
  return {};
}

Status Table::Check(const Append& append) {
  ST_TRY_STATUS(ReadAfterUnknown());
  if (append.expected_version != state_.version) {
    return Fail(ErrorCode::kConflict, "{} is at version {}, not {}: read it again",
                Describe(state_.name), state_.version, append.expected_version);
  }
  ST_TRY_STATUS(CheckText(append.properties, "property"));
  ST_TRY_STATUS(CheckText(append.summary, "summary"));
  return CheckAdded(append.files);
}

Status Table::CheckAdded(const std::vector<DataFile>& files) {
  std::set<std::string_view> added;
  for (const auto& file : files) {
    if (!file.location.starts_with(data_folder_ + "/") ||
        file.location.find("/../") != std::string::npos) {
      return Fail(ErrorCode::kInvalidArgument, "{} does not lie in {}", file.location,
                  data_folder_);
    }
    if (!added.insert(file.location).second || state_.view->files.Contains(file.location)) {
      return Fail(ErrorCode::kInvalidArgument, "{} is in {} already", file.location,
                  Describe(state_.name));
    }
    if (file.record_count < 0 || file.file_size_bytes <= 0) {
      return Fail(ErrorCode::kInvalidArgument, "{} cannot have {} rows and {} bytes", file.location,
                  file.record_count, file.file_size_bytes);
    }
  }
  return {};
}

Result<std::vector<DataFile>> Table::WithChecksums(std::vector<DataFile> files) const {
  for (auto& file : files) {
    const auto size = static_cast<std::uint64_t>(file.file_size_bytes);
    ST_TRY(file.crc32c, ChecksumOf(env_.storage, file.location, size));
  }
  return files;
}

std::map<std::string, std::string> Table::SummaryOf(const Change& change) const {
  const auto added = TotalsOf(change.added);
  FileTotals removed;
  for (const auto& location : change.removed) {
    const auto* file = state_.view->files.Find(location);
    removed += {1, file->record_count, file->file_size_bytes};
  }
  const auto& before = state_.view->files.totals();
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
  // An insert does not overwrite the entries above.
  summary.insert(change.summary.begin(), change.summary.end());
  return summary;
}

Status Table::AddSnapshot(Change change, TableState& next) {
  // I7: the worker synced each data file; this makes the files' names durable.
  ST_TRY_STATUS(env_.storage.SyncFolder(data_folder_));
  auto& metadata = next.metadata;
  iceberg::Snapshot snapshot{.id = NewSnapshotId(env_.random, metadata),
                             .parent = metadata.current_snapshot_id,
                             .sequence_number = metadata.last_sequence_number + 1,
                             .timestamp_ms = metadata.last_updated_ms,
                             .summary = SummaryOf(change),
                             .schema_id = metadata.current_schema_id};
  if (change.removed.empty()) {
    ST_TRY_STATUS(MergeManifests(env_, snapshot, next));
    ST_TRY_STATUS(WriteAddedManifest(env_, snapshot, std::move(change.added), next));
  } else {
    ST_TRY_STATUS(
        WriteReplacedManifest(env_, snapshot, change.removed, std::move(change.added), next));
  }
  ST_TRY(snapshot.manifest_list, WriteManifestList(env_, snapshot, next));
  TagFinishedPeriods(snapshot.timestamp_ms, metadata);
  metadata.last_sequence_number = snapshot.sequence_number;
  metadata.current_snapshot_id = snapshot.id;
  metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
  metadata.snapshots.push_back(std::move(snapshot));
  return {};
}

Status Table::CreateVersion(TableState& next) {
  const auto written = WriteVersion(env_, next);
  if (written) return {};
  switch (written.error().code()) {
    case ErrorCode::kOutcomeUnknown:
      unknown_ = written.error();
      Close(*unknown_);
      return written;
    case ErrorCode::kAlreadyExists: {
      // Another process committed this version, so its file decides (I6).
      ST_TRY(auto read, ReadTable(env_.storage, state_.name));
      if (read) Adopt(std::move(*read));
      return Fail(ErrorCode::kConflict, "{}: another process made version {}: read it again",
                  Describe(next.name), next.version);
    }
    default:
      return written;
  }
}

TableState Table::Next() {
  TableState next = state_;
  ++next.version;
  auto& log = next.metadata.metadata_log;
  log.push_back({state_.metadata.last_updated_ms, next.folder.UriOf(state_.view->metadata_file)});
  if (log.size() > kMaxLoggedVersions) {
    log.erase(log.begin(), log.end() - static_cast<std::ptrdiff_t>(kMaxLoggedVersions));
  }
  next.metadata.last_updated_ms = NextTimeMs(env_.clock, state_.metadata);
  return next;
}

Result<std::shared_ptr<const View>> Table::Finish(TableState next,
                                                  const std::set<std::string>& removed) {
  const auto expired = ExpireSnapshots(next.metadata.last_updated_ms, next.metadata);
  ST_TRY_STATUS(CreateVersion(next));
  Retire(next, removed);
  for (const auto& snapshot : expired) {
    const auto list = next.folder.LocationOf(snapshot.manifest_list);
    const auto sequence = snapshot.sequence_number;
    if (list) retired_metadata_.Add(*list, {sequence, sequence + 1});
  }
  Adopt(std::move(next));
  WriteVersionHint(env_, state_);
  TakeAway();
  return state_.view;
}

Result<std::shared_ptr<const View>> Table::Commit(const Append& append) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(Check(append));
  ST_TRY(auto added, WithChecksums(append.files));
  TableState next = Next();
  for (const auto& [key, value] : append.properties) next.metadata.properties[key] = value;
  if (!append.add_columns.empty()) AddColumns(append.add_columns, next.metadata);
  if (!added.empty()) {
    ST_TRY_STATUS(AddSnapshot({.operation = "append",
                               .added = std::move(added),
                               .removed = {},
                               .summary = append.summary},
                              next));
  }
  return Finish(std::move(next), {});
}

Status Table::Check(const Rewrite& rewrite) {
  ST_TRY_STATUS(ReadAfterUnknown());
  const std::set<std::string> inputs(rewrite.inputs.begin(), rewrite.inputs.end());
  std::int64_t records = 0;
  for (const auto& location : inputs) {
    const auto* file = state_.view->files.Find(location);
    if (file == nullptr) {
      return Fail(ErrorCode::kConflict, "{} is not in {} any more: read it again", location,
                  Describe(state_.name));
    }
    records += file->record_count;
  }
  const auto written = TotalsOf(rewrite.outputs).records;
  if (inputs.empty() || rewrite.outputs.empty() || records != written) {
    return Fail(ErrorCode::kInvalidArgument, "{} files with {} rows cannot become {} with {}",
                inputs.size(), records, rewrite.outputs.size(), written);
  }
  return CheckAdded(rewrite.outputs);
}

Result<std::shared_ptr<const View>> Table::Replace(const Rewrite& rewrite) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(Check(rewrite));
  ST_TRY(auto added, WithChecksums(rewrite.outputs));
  Change change{.operation = "replace",
                .added = std::move(added),
                .removed = {rewrite.inputs.begin(), rewrite.inputs.end()},
                .summary = {}};
  const auto removed = change.removed;
  TableState next = Next();
  ST_TRY_STATUS(AddSnapshot(std::move(change), next));
  return Finish(std::move(next), removed);
}

void Table::Retire(const TableState& next, const std::set<std::string>& removed) {
  retired_metadata_.Add(state_.view->metadata_file, {});
  const auto until = next.metadata.last_sequence_number;
  std::set<std::string> stay;
  for (const auto& manifest : next.manifests) stay.insert(manifest.file.path);
  for (const auto& manifest : state_.manifests) {
    if (stay.contains(manifest.file.path)) continue;
    const auto location = next.folder.LocationOf(manifest.file.path);
    if (location) retired_metadata_.Add(*location, {manifest.file.sequence_number, until});
    for (const auto& file : manifest.files->files()) {
      if (!removed.contains(file.location)) continue;
      retired_data_.Add(file.location, {file.origin->sequence_number, until});
    }
  }
}

void Table::TakeAway() {
  std::set<std::int64_t> named;
  for (const auto& snapshot : state_.metadata.snapshots) named.insert(snapshot.sequence_number);
  std::erase_if(shown_, [](const auto& shown) { return shown.second.expired(); });
  for (const auto& [sequence, view] : shown_) named.insert(sequence);
  const auto now_us = env_.clock.MonotonicUs();
  for (auto* retired : {&retired_data_, &retired_metadata_}) {
    for (const auto& location : retired->TakeUnnamed(now_us, named)) {
      Ignore(env_.storage.Remove(location), "it is an orphan then");
    }
  }
}

void Table::RemoveUnnamed() {
  const MutexLock lock(mu_);
  TakeAway();
}

bool Table::IsNamed(const std::string& location) const {
  if (location == state_.view->metadata_file || state_.view->files.Contains(location)) return true;
  const auto uri = state_.folder.UriOf(location);
  const auto is_manifest = [&uri](const auto& manifest) { return manifest.file.path == uri; };
  const auto is_list = [&uri](const auto& snapshot) { return snapshot.manifest_list == uri; };
  return std::ranges::any_of(state_.manifests, is_manifest) ||
         std::ranges::any_of(state_.metadata.snapshots, is_list);
}

Result<std::vector<std::string>> Table::RemoveOrphans(bool is_dry) {
  TableState state;
  {
    const MutexLock lock(mu_);
    ST_TRY_STATUS(ReadAfterUnknown());
    state = state_;
  }
  ST_TRY(auto orphans, FindOrphans(env_.storage, env_.clock.NowUs(), state));
  const MutexLock lock(mu_);
  // A commit may have come meanwhile, and the clock that tells the age of its files may have leapt.
  std::erase_if(orphans, [&](const std::string& location) ST_REQUIRES(mu_) {
    return retired_data_.Contains(location) || retired_metadata_.Contains(location) ||
           IsNamed(location);
  });
  if (unknown_ || is_dry) return orphans;
  for (const auto& location : orphans) {
    const auto removed = env_.storage.Remove(location);
    if (!removed && removed.error().code() != ErrorCode::kNotFound) {
      return std::unexpected(removed.error());
    }
  }
  return orphans;
}

void Table::Adopt(TableState state) {
  state_ = std::move(state);
  shown_.emplace_back(state_.metadata.last_sequence_number, state_.view);
  view_.With([view = state_.view](std::shared_ptr<const View>& shown) { shown = view; });
}

}  // namespace st::lake
