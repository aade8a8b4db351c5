#include "lake/lake.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/mutex.h"
#include "base/text.h"
#include "lake/checksum.h"
#include "lake/dropped.h"
#include "lake/holds.h"
#include "lake/layout.h"
#include "lake/limits.h"
#include "lake/local_storage.h"
#include "lake/names.h"
#include "lake/read_view.h"
#include "lake/rename.h"
#include "lake/schema.h"
#include "lake/table.h"

namespace st::lake {

namespace {

// The names of the tables that threads are creating or opening. Two names that differ only in case
// count as one.
//
// Threads: safe from any thread.
class NamesInUse {
 public:
  // Holds the name against other threads until its destruction; waits while another thread holds
  // it.
  class Hold {
   public:
    Hold(NamesInUse& names, const TableName& name) : names_(names), key_(KeyOf(name)) {
      names_.Acquire(key_);
    }
    ~Hold() { names_.Release(key_); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    NamesInUse& names_;
    const TableName key_;
  };

 private:
  static TableName KeyOf(const TableName& name) { return {name.schema, AsciiLower(name.name)}; }
  void Acquire(const TableName& key) ST_EXCLUDES(mu_) {
    const MutexLock lock(mu_);
    while (!keys_.insert(key).second) released_.Wait(mu_);
  }
  void Release(const TableName& key) ST_EXCLUDES(mu_) {
    const MutexLock lock(mu_);
    keys_.erase(key);
    released_.NotifyAll();
  }

  Mutex mu_;
  CondVar released_;
  std::set<TableName> keys_ ST_GUARDED_BY(mu_);
};

// The lake on a Storage. It holds no lock while it reads or writes files.
class StoredLake final : public Lake {
 public:
  StoredLake(std::unique_ptr<Storage> storage, os::Clock& clock, os::Random& random)
      : storage_(std::move(storage)), env_{*storage_, clock, random} {}

  Status ReadAll() ST_EXCLUDES(mu_);
  std::vector<std::string> Schemas() const override { return SchemaNames(); }
  std::vector<TableName> Tables() const override;
  Result<std::shared_ptr<const View>> Load(const TableName& name) const override;
  Result<std::shared_ptr<const View>> LoadForCommit(const TableName& name) override
      ST_EXCLUDES(mu_);
  std::vector<TableProblem> Problems() const override;
  Result<std::shared_ptr<const View>> Create(const TableName& name,
                                             const std::vector<Column>& columns,
                                             const std::map<std::string, std::string>& properties,
                                             const TableLayout& layout) override ST_EXCLUDES(mu_);
  Result<std::shared_ptr<const View>> Commit(const Append& append) override;
  Result<std::shared_ptr<const View>> Replace(const Rewrite& rewrite) override;
  Result<std::shared_ptr<const View>> Clear(const Clearing& clearing) override;
  Result<std::shared_ptr<const View>> RollBack(const Rollback& rollback) override;
  Result<std::string> PositionAt(const TableName& name, SnapshotId snapshot) override;
  Result<std::vector<std::int64_t>> Expire(const Expiry& expiry) override;
  Result<Hold> HoldSnapshots(const HoldRequest& request) override;
  Status ReleaseHold(const TableName& table, const std::string& name) override;
  Status Drop(const TableName& name) override ST_EXCLUDES(mu_);
  Status RemoveDropped() override ST_EXCLUDES(mu_);
  Result<std::shared_ptr<const View>> Rename(
      const TableName& from, const TableName& to,
      const std::map<std::string, std::string>& properties) override ST_EXCLUDES(mu_);
  Result<bool> Relocate(const TableName& name) override;
  Status RemoveUnnamed(const TableName& name) override;
  Result<std::vector<Orphan>> FindOrphans(const TableName& name) override;
  Result<std::vector<std::string>> RemoveOrphans(const TableName& name, bool is_dry) override;
  Status CheckDataFile(const DataFile& file) override {
    return lake::CheckDataFile(*storage_, file);
  }
  Status CheckBeforeUse(const TableName& name, const DataFile& file) const override
      ST_EXCLUDES(mu_);
  Result<std::string> NewDataFile(const TableName& name) override;
  Status DiscardDataFile(const std::string& location) override;

 private:
  // Returns the table, which lives as long as the lake.
  Result<Table*> Find(const TableName& name) const ST_EXCLUDES(mu_);
  // Finds the table, or tries to read a table that was unreadable or whose creation has no known
  // outcome.
  Result<Table*> FindOrOpen(const TableName& name) ST_EXCLUDES(mu_);
  // Takes a dropped table out of the lake; its object stays, since threads may use it.
  void Forget(const TableName& name) ST_EXCLUDES(mu_);
  bool IsHeld(const TableName& name) const ST_EXCLUDES(mu_);
  // Drops a table, with its holds or not if it has any.
  Status Drop(const TableName& name, HoldsOfDropped holds) ST_EXCLUDES(mu_);
  // Ends renames that a crash left with a table under both names.
  Status FinishRenames() ST_EXCLUDES(mu_);
  // Returns kAlreadyExists, or the problem of the table that has this name.
  Status CheckIsNew(const TableName& name) const ST_EXCLUDES(mu_);

  const std::unique_ptr<Storage> storage_;
  const TableEnv env_;
  NamesInUse names_in_use_;
  mutable Mutex mu_;
  std::map<TableName, std::unique_ptr<Table>> tables_ ST_GUARDED_BY(mu_);
  std::multimap<TableName, std::unique_ptr<Table>> dropped_ ST_GUARDED_BY(mu_);
  std::map<TableName, Error> problems_ ST_GUARDED_BY(mu_);
};

Status StoredLake::ReadAll() {
  for (const auto& schema : SchemaNames()) {
    ST_TRY_STATUS(storage_->MakeFolder(JoinLocation(storage_->root(), schema)));
  }
  ST_TRY(const auto names, ListTables(*storage_));
  for (const auto& name : names) {
    auto table = Table::Open(env_, name);
    MutexLock lock(mu_);
    if (!table) {
      problems_.emplace(name, table.error());
    } else if (*table != nullptr) {
      tables_.emplace(name, std::move(*table));
    }
  }
  return FinishRenames();
}

Status StoredLake::FinishRenames() {
  std::vector<std::shared_ptr<const View>> views;
  for (const auto& name : Tables()) {
    if (const auto view = Load(name)) views.push_back(*view);
  }
  for (const auto& renamed : views) {
    for (const auto& old : views) {
      const auto which = EndOfRename(*renamed, *old);
      if (which == RenameEnd::kNone) continue;
      ST_TRY_STATUS(
          Drop(which == RenameEnd::kDropOld ? old->name : renamed->name, HoldsOfDropped::kEnd));
      return FinishRenames();  // what is left is looked at again
    }
  }
  return {};
}

std::vector<TableName> StoredLake::Tables() const {
  MutexLock lock(mu_);
  std::set<TableName> names;
  for (const auto& [name, table] : tables_) names.insert(name);
  for (const auto& [name, error] : problems_) names.insert(name);
  return {names.begin(), names.end()};
}

std::vector<TableProblem> StoredLake::Problems() const {
  MutexLock lock(mu_);
  std::vector<TableProblem> problems;
  for (const auto& [name, error] : problems_) problems.push_back({name, error});
  for (const auto& [name, table] : tables_) {
    if (auto why = table->closed()) problems.push_back({name, std::move(*why), true});
  }
  return problems;
}

Result<Table*> StoredLake::Find(const TableName& name) const {
  MutexLock lock(mu_);
  if (const auto problem = problems_.find(name); problem != problems_.end()) {
    return std::unexpected(problem->second);
  }
  const auto found = tables_.find(name);
  if (found == tables_.end()) {
    return Fail(ErrorCode::kNotFound, "there is no table {}.{}", name.schema, name.name);
  }
  return found->second.get();
}

Result<std::shared_ptr<const View>> StoredLake::Load(const TableName& name) const {
  ST_TRY(const auto* table, Find(name));
  return table->view();
}

Result<Table*> StoredLake::FindOrOpen(const TableName& name) {
  if (auto table = Find(name)) return table;
  const NamesInUse::Hold hold(names_in_use_, name);
  if (auto table = Find(name)) return table;  // another thread opened it meanwhile
  auto opened = Table::Open(env_, name);
  {
    MutexLock lock(mu_);
    problems_.erase(name);
    if (!opened) {
      problems_.emplace(name, opened.error());
    } else if (*opened != nullptr) {
      tables_.emplace(name, std::move(*opened));
    }
  }
  return Find(name);
}

Result<std::shared_ptr<const View>> StoredLake::LoadForCommit(const TableName& name) {
  ST_TRY(auto* table, FindOrOpen(name));
  if (table->closed()) {
    const auto read = table->ReadAgain();
    if (table->is_dropped()) Forget(name);
    ST_TRY_STATUS(read);
  }
  return table->view();
}

Status StoredLake::CheckIsNew(const TableName& name) const {
  MutexLock lock(mu_);
  if (const auto problem = problems_.find(name); problem != problems_.end()) {
    return std::unexpected(problem->second);
  }
  for (const auto& [other, table] : tables_) {
    if (other.schema != name.schema || !EqualsIgnoreCase(other.name, name.name)) continue;
    return Fail(ErrorCode::kAlreadyExists, "there is a table {}.{} already", other.schema,
                other.name);
  }
  return {};
}

Result<std::shared_ptr<const View>> StoredLake::Create(
    const TableName& name, const std::vector<Column>& columns,
    const std::map<std::string, std::string>& properties, const TableLayout& layout) {
  ST_TRY_STATUS(CheckName(name));
  ST_TRY_STATUS(CheckColumns(columns));
  ST_TRY_STATUS(CheckLayout(layout, columns));
  const NamesInUse::Hold hold(names_in_use_, name);
  ST_TRY_STATUS(CheckIsNew(name));
  ST_TRY(auto table, Table::Create(env_, {name, columns, layout}, properties));
  MutexLock lock(mu_);
  return tables_.emplace(name, std::move(table)).first->second->view();
}

Result<std::shared_ptr<const View>> StoredLake::Commit(const Append& append) {
  ST_TRY(auto* table, Find(append.table));
  if (!append.columns.empty()) ST_TRY_STATUS(CheckColumns(append.columns));
  return table->Commit(append);
}

Result<std::shared_ptr<const View>> StoredLake::Replace(const Rewrite& rewrite) {
  ST_TRY(auto* table, Find(rewrite.table));
  return table->Replace(rewrite);
}

Result<std::shared_ptr<const View>> StoredLake::Clear(const Clearing& clearing) {
  ST_TRY_STATUS(CheckColumns(clearing.columns));
  ST_TRY(auto* table, Find(clearing.table));
  return table->Clear(clearing);
}

Result<std::shared_ptr<const View>> StoredLake::RollBack(const Rollback& rollback) {
  ST_TRY(auto* table, Find(rollback.table));
  return table->RollBack(rollback);
}

Result<std::string> StoredLake::PositionAt(const TableName& name, SnapshotId snapshot) {
  ST_TRY(auto* table, Find(name));
  return table->PositionAt(snapshot);
}

Result<std::vector<std::int64_t>> StoredLake::Expire(const Expiry& expiry) {
  ST_TRY(auto* table, Find(expiry.table));
  return table->Expire(expiry);
}

void StoredLake::Forget(const TableName& name) {
  const MutexLock lock(mu_);
  if (auto dropped = tables_.extract(name)) dropped_.emplace(name, std::move(dropped.mapped()));
}

Result<Hold> StoredLake::HoldSnapshots(const HoldRequest& request) {
  ST_TRY(auto* table, Find(request.table));
  std::optional<Hold> hold;
  ST_TRY_STATUS(table->ChangeMetadata([&](iceberg::TableMetadata& metadata) -> Status {
    ST_TRY(hold, AddHold(request, metadata));
    return {};
  }));
  return *std::move(hold);
}

Status StoredLake::ReleaseHold(const TableName& table, const std::string& name) {
  ST_TRY(auto* held, Find(table));
  return held->ChangeMetadata(
      [&](iceberg::TableMetadata& metadata) { return RemoveHold(table, name, metadata); });
}

Status StoredLake::Drop(const TableName& name) { return Drop(name, HoldsOfDropped::kForbid); }

Status StoredLake::Drop(const TableName& name, HoldsOfDropped holds) {
  const NamesInUse::Hold hold(names_in_use_, name);
  ST_TRY(auto* table, Find(name));
  ST_TRY_STATUS(table->Drop(holds));
  Forget(name);
  return {};
}

bool StoredLake::IsHeld(const TableName& name) const {
  const MutexLock lock(mu_);
  const auto [begin, end] = dropped_.equal_range(name);
  return tables_.contains(name) || problems_.contains(name) ||
         std::any_of(begin, end, [](const auto& table) { return table.second->IsHeld(); });
}

Status StoredLake::RemoveDropped() {
  ST_TRY(const auto names, ListTables(*storage_));
  for (const auto& name : names) {
    if (IsHeld(name)) continue;
    const NamesInUse::Hold hold(names_in_use_, name);
    if (IsHeld(name)) continue;  // it was created meanwhile
    ST_TRY_STATUS(RemoveDroppedTable(*storage_, env_.clock.NowUs(), name));
  }
  return {};
}

Result<std::shared_ptr<const View>> StoredLake::Rename(
    const TableName& from, const TableName& to,
    const std::map<std::string, std::string>& properties) {
  ST_TRY_STATUS(CheckName(to));
  if (from.schema != to.schema || EqualsIgnoreCase(from.name, to.name)) {
    return Fail(ErrorCode::kInvalidArgument,
                "table {}.{} cannot become {}.{}: a table keeps its schema, and its new name must "
                "differ in more than case",
                from.schema, from.name, to.schema, to.name);
  }
  // In one order, so that two renames never wait for each other.
  const bool is_first = AsciiLower(from.name) < AsciiLower(to.name);
  const NamesInUse::Hold first(names_in_use_, is_first ? from : to);
  const NamesInUse::Hold second(names_in_use_, is_first ? to : from);
  ST_TRY_STATUS(CheckIsNew(to));
  ST_TRY(auto* table, Find(from));
  ST_TRY(auto renamed, table->RenameTo(to, properties));
  Forget(from);
  const MutexLock lock(mu_);
  return tables_.emplace(to, std::move(renamed)).first->second->view();
}

Result<bool> StoredLake::Relocate(const TableName& name) {
  ST_TRY(auto* table, Find(name));
  return table->Relocate();
}

Status StoredLake::RemoveUnnamed(const TableName& name) {
  ST_TRY(auto* table, Find(name));
  table->RemoveUnnamed();
  return {};
}

Result<std::vector<Orphan>> StoredLake::FindOrphans(const TableName& name) {
  ST_TRY(auto* table, Find(name));
  return table->FindOrphans();
}

Result<std::vector<std::string>> StoredLake::RemoveOrphans(const TableName& name, bool is_dry) {
  ST_TRY(auto* table, Find(name));
  return table->RemoveOrphans(is_dry);
}

Status StoredLake::CheckBeforeUse(const TableName& name, const DataFile& file) const {
  const auto table = Find(name);
  // A statement may still read a table that was dropped.
  return table ? (*table)->CheckBeforeUse(file) : lake::CheckDataFile(*storage_, file);
}

Result<std::string> StoredLake::NewDataFile(const TableName& name) {
  ST_TRY(const auto* table, Find(name));
  return table->NewDataFile();
}

Status StoredLake::DiscardDataFile(const std::string& location) {
  // The form is <root>/<schema>/<table>/data/<uuid>.parquet.
  const auto refuse = [&location] {
    return Fail(ErrorCode::kInvalidArgument, "{} is not the location of a data file", location);
  };
  const std::string prefix = storage_->root() + "/";
  if (!location.starts_with(prefix)) return refuse();
  const auto parts = Split(std::string_view(location).substr(prefix.size()), '/');
  if (parts.size() != 4 || parts[2] != "data" || !IsDataFileName(parts[3])) return refuse();
  ST_TRY(auto* table, Find({std::string(parts[0]), std::string(parts[1])}));
  return table->DiscardDataFile(location);
}

}  // namespace

Result<std::unique_ptr<Lake>> Lake::Open(std::unique_ptr<Storage> storage, const os::Env& env) {
  auto lake = std::make_unique<StoredLake>(std::move(storage), env.clock, env.random);
  ST_TRY_STATUS(lake->ReadAll());
  return lake;
}

Result<std::unique_ptr<Lake>> Lake::Open(const os::Env& env, LakeOptions options) {
  if (!options.warehouse.starts_with('/')) {
    return Fail(ErrorCode::kInvalidArgument, "the warehouse \"{}\" is no absolute path",
                options.warehouse);
  }
  return Open(MakeLocalStorage(env.fs, std::move(options.warehouse)), env);
}

}  // namespace st::lake
