#include "lake/table.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/text.h"
#include "lake/change.h"
#include "lake/history.h"
#include "lake/holds.h"
#include "lake/layout.h"
#include "lake/limits.h"
#include "lake/orphans.h"
#include "lake/partition.h"
#include "lake/rebase.h"
#include "lake/rename.h"
#include "lake/version_size.h"

namespace st::lake {

Table::Table(TableEnv env, TableState state)
    : env_(env),
      data_folder_(state.folder.data_folder()),
      checked_(env.storage),
      leaving_(state.folder) {
  const MutexLock lock(mu_);
  Adopt(std::move(state));
}

Result<std::unique_ptr<Table>> Table::Open(TableEnv env, const TableName& name) {
  ST_TRY(auto state, ReadTable(env.storage, name));
  if (!state) return nullptr;
  return std::make_unique<Table>(env, std::move(*state));
}

Result<std::unique_ptr<Table>> Table::Create(TableEnv env, const NewTable& table,
                                             const std::map<std::string, std::string>& properties) {
  ST_TRY(auto state, CreateTable(env, table, properties));
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
  if (state_.view->files.Contains(location) || leaving_.Contains(location)) {
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
  if (!state) {
    ST_TRY(const auto dropped, DroppedVersion(env_.storage, state_.folder));
    is_dropped_ = dropped > state_.version;
  }
  if (is_dropped_) return {};
  if (!state || state->version < state_.version) {
    return Fail(ErrorCode::kCorruption, "version {} is gone", state_.version);
  }
  AdoptRead(std::move(*state));
  return {};
}

Status Table::ReadAfterUnknown() {
  const auto gone = [this]() ST_REQUIRES(mu_) -> Status {
    return Fail(ErrorCode::kNotFound, "{} was dropped", Describe(state_.name));
  };
  if (is_dropped_) return gone();
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
  return is_dropped_ ? gone() : Status();
}

Status Table::CheckVersion(std::int64_t expected) {
  ST_TRY_STATUS(ReadAfterUnknown());
  if (expected == state_.version) return {};
  return Fail(ErrorCode::kConflict, "{} is at version {}, not {}: read it again",
              Describe(state_.name), state_.version, expected);
}

Status Table::Check(const Append& append) {
  ST_TRY_STATUS(CheckVersion(append.expected_version));
  ST_TRY_STATUS(CheckText(append.properties, "property"));
  ST_TRY_STATUS(CheckText(append.summary, "summary"));
  return CheckAdded(append.files);
}

Status Table::CheckAdded(const std::vector<DataFile>& files) {
  std::set<std::string_view> added;
  for (const auto& file : files) {
    ST_TRY_STATUS(CheckPartition(*state_.view, file));
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

Result<std::vector<DataFile>> Table::WithChecksums(std::vector<DataFile> files) {
  for (auto& file : files) {
    const auto size = static_cast<std::uint64_t>(file.file_size_bytes);
    ST_TRY(file.crc32c, checked_.ChecksumOfNew(file.location, size));
  }
  return files;
}

Status Table::CreateVersion(std::string_view json, TableState& next) {
  const auto written = WriteVersion(env_, json, next);
  if (written) return {};
  switch (written.error().code()) {
    case ErrorCode::kOutcomeUnknown:
      unknown_ = written.error();
      Close(*unknown_);
      return written;
    case ErrorCode::kAlreadyExists: {
      // Another process committed this version, so its file decides (I6).
      ST_TRY(auto read, ReadTable(env_.storage, state_.name));
      if (read) AdoptRead(std::move(*read));
      return Fail(ErrorCode::kConflict, "{}: another process made version {}: read it again",
                  Describe(next.name), next.version);
    }
    default:
      return written;
  }
}

Result<std::shared_ptr<const View>> Table::Finish(TableState next, LeavingFiles::Parting parting) {
  std::ranges::move(ExpireSnapshots(next.metadata.last_updated_ms, next.metadata),
                    std::back_inserter(parting.expired));
  ST_TRY(auto fitted, FitVersion(env_, state_, next));
  std::ranges::move(fitted.expired, std::back_inserter(parting.expired));
  ST_TRY_STATUS(CreateVersion(fitted.json, next));
  leaving_.Leave(state_, next, parting);
  Adopt(std::move(next));
  WriteVersionHint(env_, state_);
  TakeAway();
  checked_.Forget(*state_.view);
  return state_.view;
}

Result<std::shared_ptr<const View>> Table::Commit(const Append& append) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(Check(append));
  ST_TRY(auto added, WithChecksums(append.files));
  TableState next = NextVersion(env_.clock, state_);
  ST_TRY_STATUS(SetProperties(env_, append.properties, append.removed_properties, next));
  if (!append.columns.empty()) {
    ST_TRY_STATUS(ChangeColumns(append.columns, next.metadata));
    FitLayout(next.metadata);
  }
  if (append.layout) ST_TRY_STATUS(SetLayout(*append.layout, next.metadata));
  if (!append.columns.empty() || append.layout) ST_TRY_STATUS(CheckFieldNames(next.metadata));
  if (!added.empty()) {
    ST_TRY_STATUS(AddSnapshot(env_,
                              {.operation = "append",
                               .added = std::move(added),
                               .removed = {},
                               .summary = append.summary},
                              next));
  }
  return Finish(std::move(next));
}

Status Table::Check(const Rewrite& rewrite) {
  ST_TRY_STATUS(CheckVersion(rewrite.expected_version.value_or(state_.version)));
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
  const bool is_good =
      rewrite.removes_rows ? written < records : !rewrite.outputs.empty() && written == records;
  if (inputs.empty() || !is_good) {
    return Fail(ErrorCode::kInvalidArgument, "{} files with {} rows cannot become {} with {}",
                inputs.size(), records, rewrite.outputs.size(), written);
  }
  return CheckAdded(rewrite.outputs);
}

Result<std::shared_ptr<const View>> Table::Replace(const Rewrite& rewrite) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(Check(rewrite));
  ST_TRY(auto added, WithChecksums(rewrite.outputs));
  const char* operation = !rewrite.removes_rows ? "replace"
                          : added.empty()       ? "delete"
                                                : "overwrite";
  Change change{.operation = operation,
                .added = std::move(added),
                .removed = {rewrite.inputs.begin(), rewrite.inputs.end()},
                .summary = {}};
  LeavingFiles::Parting parting{.removed = change.removed, .expired = {}, .tagged = {}};
  TableState next = NextVersion(env_.clock, state_);
  ST_TRY_STATUS(SetProperties(env_, rewrite.properties, {}, next));
  ST_TRY_STATUS(AddSnapshot(env_, std::move(change), next));
  if (!rewrite.removes_rows) {
    ST_TRY(parting.tagged, ReplaceInTagged(env_, state_, parting.removed, next));
  }
  return Finish(std::move(next), std::move(parting));
}

Result<std::shared_ptr<const View>> Table::Clear(const Clearing& clearing) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(CheckVersion(clearing.expected_version));
  TableState next = NextVersion(env_.clock, state_);
  ST_TRY_STATUS(SetProperties(env_, clearing.properties, clearing.removed_properties, next));
  SetColumns(clearing.columns, next.metadata);
  FitLayout(next.metadata);
  if (clearing.layout) ST_TRY_STATUS(SetLayout(*clearing.layout, next.metadata));
  ST_TRY_STATUS(CheckFieldNames(next.metadata));
  const auto removed = LocationsOf(state_.manifests);
  if (!removed.empty()) {
    ST_TRY_STATUS(AddSnapshot(
        env_, {.operation = "delete", .added = {}, .removed = removed, .summary = {}}, next));
  }
  return Finish(std::move(next), {.removed = removed, .expired = {}, .tagged = {}});
}

Result<std::shared_ptr<const View>> Table::RollBack(const Rollback& rollback) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(CheckVersion(rollback.expected_version));
  TableState next = NextVersion(env_.clock, state_);
  const auto* snapshot = next.metadata.FindSnapshot(rollback.snapshot.value());
  if (snapshot == nullptr) {
    return Fail(ErrorCode::kNotFound, "{} has no snapshot {}", Describe(state_.name),
                rollback.snapshot.value());
  }
  ST_TRY_STATUS(CheckRollback(state_.name, *snapshot, next.metadata));
  ST_TRY(next.manifests, ReadSnapshot(env_.storage, state_.folder, *snapshot));
  ST_TRY_STATUS(SetProperties(env_, rollback.properties, rollback.removed_properties, next));
  next.metadata.current_snapshot_id = snapshot->id;
  next.metadata.current_schema_id = snapshot->schema_id;
  FitLayout(next.metadata);
  next.metadata.snapshot_log.push_back({next.metadata.last_updated_ms, snapshot->id});
  const auto live = LocationsOf(next.manifests);
  auto removed = LocationsOf(state_.manifests);
  std::erase_if(removed, [&](const auto& location) { return live.contains(location); });
  return Finish(std::move(next),
                {.removed = std::move(removed), .expired = {}, .tagged = {}, .is_rollback = true});
}

Result<std::string> Table::PositionAt(SnapshotId id) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(ReadAfterUnknown());
  const auto* snapshot = state_.metadata.FindSnapshot(id.value());
  if (snapshot == nullptr) {
    return Fail(ErrorCode::kNotFound, "{} has no snapshot {}", Describe(state_.name), id.value());
  }
  ST_TRY(auto position, ReadPosition(env_.storage, state_.folder, *snapshot));
  if (!position.empty()) return position;
  return Fail(ErrorCode::kNotFound,
              "snapshot {} of {} records no position: an earlier version of this program, or "
              "another one, made it",
              id.value(), Describe(state_.name));
}

Result<std::vector<std::int64_t>> Table::Expire(const Expiry& expiry) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(ReadAfterUnknown());
  TableState next = NextVersion(env_.clock, state_);
  auto gone = ExpireOlder(expiry.older_than_ms, expiry.keep, next.metadata);
  std::vector<std::int64_t> ids;
  for (const auto& snapshot : gone) ids.push_back(snapshot.id);
  if (expiry.is_dry || gone.empty()) return ids;
  ST_TRY_STATUS(Finish(std::move(next), {.removed = {}, .expired = std::move(gone), .tagged = {}}));
  return ids;
}

Status Table::ChangeMetadata(const std::function<Status(iceberg::TableMetadata&)>& change) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(ReadAfterUnknown());
  TableState next = NextVersion(env_.clock, state_);
  ST_TRY_STATUS(change(next.metadata));
  ST_TRY_STATUS(Finish(std::move(next)));
  return {};
}

void Table::EndHolds() {
  if (unknown_ || is_dropped_ || !HasEndedHold(env_.clock.NowUs() / 1000, state_.metadata)) return;
  Ignore(Finish(NextVersion(env_.clock, state_)), "the next commit ends it");
}

Result<bool> Table::Relocate() {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(ReadAfterUnknown());
  const auto to = FolderOf(env_.storage, state_.name);
  if (to.uri == state_.folder.uri) return false;
  TableState next = NextVersion(env_.clock, state_);
  auto expired = ExpireUntagged(next.metadata);
  ST_TRY_STATUS(Rebase(env_, to, next));
  ST_TRY_STATUS(
      Finish(std::move(next), {.removed = {}, .expired = std::move(expired), .tagged = {}}));
  return true;
}

Status Table::WriteDrop() {
  TableState next = NextVersion(env_.clock, state_);
  MarkDropped(next);
  ST_TRY_STATUS(CreateVersion(iceberg::EncodeTableMetadata(next.metadata), next));
  is_dropped_ = true;
  Adopt(std::move(next));
  WriteVersionHint(env_, state_);
  return {};
}

Status Table::Drop(HoldsOfDropped holds) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(ReadAfterUnknown());
  if (holds == HoldsOfDropped::kForbid) {
    const auto now = NextVersion(env_.clock, state_);
    ST_TRY_STATUS(CheckIsNotHeld(state_.name, HoldsOf(now.metadata), "dropped"));
  }
  return WriteDrop();
}

Result<std::unique_ptr<Table>> Table::RenameTo(
    const TableName& to, const std::map<std::string, std::string>& properties) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(ReadAfterUnknown());
  TableState next = NextVersion(env_.clock, state_);
  ST_TRY_STATUS(CheckIsNotHeld(state_.name, HoldsOf(next.metadata), "renamed"));
  ExpireUntagged(next.metadata);  // the others have no files under the new name
  next.name = to;
  const auto folder = FolderOf(env_.storage, to);
  ST_TRY(const auto dropped, DroppedVersion(env_.storage, folder));
  next.version = dropped + 1;
  ST_TRY_STATUS(env_.storage.MakeFolder(folder.metadata_folder()));
  ST_TRY_STATUS(env_.storage.MakeFolder(folder.data_folder()));
  if (next.version == 1) {
    // A folder with data files and no version would be damage, so the name begins as a dropped one.
    TableState reserved = next;
    reserved.folder = folder;
    MarkDropped(reserved);
    ST_TRY_STATUS(WriteVersion(env_, reserved));
    ++next.version;
  }
  ST_TRY(const auto files, Rebase(env_, folder, next));
  for (const auto& file : files) {
    const auto copied = env_.storage.Copy(JoinLocation(data_folder_, file),
                                          JoinLocation(folder.data_folder(), file));
    // A dropped table of the new name may have had the file: this one, before an earlier rename.
    if (!copied && copied.error().code() != ErrorCode::kAlreadyExists) {
      return std::unexpected(copied.error());
    }
  }
  ST_TRY_STATUS(env_.storage.SyncFolder(folder.data_folder()));
  ST_TRY_STATUS(SetProperties(env_, properties, {}, next));
  next.metadata.properties[kRenamedFromProperty] = RenamedFrom(state_);
  ST_TRY(const auto fitted, FitVersion(env_, state_, next));
  ST_TRY_STATUS(WriteVersion(env_, fitted.json, next));
  WriteVersionHint(env_, next);
  auto renamed = std::make_unique<Table>(env_, std::move(next));
  const auto done = WriteDrop();
  if (done) return renamed;
  // Only once it is certain that this table goes on may the new one go.
  const auto read = ReadAfterUnknown();
  if (is_dropped_) return renamed;
  if (read) {
    Ignore(renamed->Drop(HoldsOfDropped::kEnd),
           "the next start finds out which of the two went on");
  }
  return std::unexpected(done.error());
}

bool Table::is_dropped() const {
  const MutexLock lock(mu_);
  return is_dropped_;
}

bool Table::IsHeld() const {
  const MutexLock lock(mu_);
  return leaving_.IsHeld(state_);
}

void Table::TakeAway() {
  for (const auto& location : leaving_.Take(state_, env_.clock.MonotonicUs())) {
    Ignore(env_.storage.Remove(location), "it is found as an orphan then");
  }
}

void Table::RemoveUnnamed() {
  const MutexLock lock(mu_);
  EndHolds();
  TakeAway();
}

Result<std::vector<Orphan>> Table::FindOrphans() {
  TableState state;
  {
    const MutexLock lock(mu_);
    ST_TRY_STATUS(ReadAfterUnknown());
    state = state_;
  }
  ST_TRY(auto orphans, lake::FindOrphans(env_.storage, state));
  const MutexLock lock(mu_);
  // A commit may have come meanwhile, and the clock that tells the age of its files may have leapt.
  std::erase_if(orphans, [&](const Orphan& orphan) ST_REQUIRES(mu_) {
    return leaving_.Contains(orphan.location) || NamesFile(state_, orphan.location);
  });
  return orphans;
}

Result<std::vector<std::string>> Table::RemoveOrphans(bool is_dry) {
  ST_TRY(const auto found, FindOrphans());
  const MutexLock lock(mu_);
  std::vector<std::string> orphans;
  for (const auto& orphan : found) {
    const bool is_named = leaving_.Contains(orphan.location) || NamesFile(state_, orphan.location);
    if (orphan.removable_us > env_.clock.NowUs() || is_named) continue;
    orphans.push_back(orphan.location);
  }
  if (unknown_ || is_dry) return orphans;
  leaving_.LeaveOrphans(orphans);
  TakeAway();
  return orphans;
}

void Table::AdoptRead(TableState read) {
  if (read.version != state_.version) leaving_.Leave(state_, read, PartingBetween(state_, read));
  Adopt(std::move(read));
}

void Table::Adopt(TableState state) {
  state_ = std::move(state);
  leaving_.Show(state_);
  view_.With([view = state_.view](std::shared_ptr<const View>& shown) { shown = view; });
}

}  // namespace st::lake
