#include "lake/lake.h"

#include <algorithm>
#include <set>

#include "base/mutex.h"
#include "base/text.h"
#include "lake/limits.h"
#include "lake/names.h"
#include "lake/read_view.h"
#include "lake/table.h"
#include "lake/types.h"

namespace st::lake {

namespace {

Status CheckColumns(const std::vector<Column>& columns) {
  if (columns.empty() || columns.size() > kMaxColumns) {
    return Fail(ErrorCode::kInvalidArgument, "a table has 1 to {} columns, not {}", kMaxColumns,
                columns.size());
  }
  std::set<std::string> names;
  for (const auto& column : columns) {
    if (column.name.empty() || !IsUtf8(column.name)) {
      return Fail(ErrorCode::kInvalidArgument, "a column's name is empty or not UTF-8");
    }
    if (!names.insert(AsciiLower(column.name)).second) {
      return Fail(ErrorCode::kInvalidArgument, "there are two columns \"{}\"; give one an alias",
                  column.name);
    }
    ST_TRY_STATUS(CheckType(column.type));
  }
  return {};
}

class LocalLake final : public Lake {
 public:
  LocalLake(Surroundings world, std::string warehouse)
      : world_(world), warehouse_(std::move(warehouse)) {}

  Status ReadAll() ST_EXCLUDES(mu_);
  std::vector<std::string> Schemas() const override { return SchemaNames(); }
  std::vector<TableName> Tables() const override;
  Result<std::shared_ptr<const View>> Load(const TableName& name) const override;
  Result<std::shared_ptr<const View>> LoadForCommit(const TableName& name) override
      ST_EXCLUDES(mu_);
  std::vector<TableProblem> Problems() const override;
  Result<std::shared_ptr<const View>> Create(
      const TableName& name, const std::vector<Column>& columns,
      const std::map<std::string, std::string>& properties) override;
  Result<std::shared_ptr<const View>> Commit(const Append& append) override;
  Result<std::string> NewDataFilePath(const TableName& name) override;

 private:
  std::string FolderOf(const TableName& name) const {
    return fmt::format("{}/{}/{}", warehouse_, name.schema, name.name);
  }
  // The table; it lives as long as the lake.
  Result<Table*> Find(const TableName& name) const ST_EXCLUDES(mu_);
  // Reads a table that could not be read, or of whose creation the outcome is unknown.
  Status OpenAgain(const TableName& name) ST_EXCLUDES(mu_);

  const Surroundings world_;
  const std::string warehouse_;
  mutable Mutex mu_;
  std::map<TableName, std::unique_ptr<Table>> tables_ ST_GUARDED_BY(mu_);
  std::map<TableName, Error> problems_ ST_GUARDED_BY(mu_);
};

Status LocalLake::ReadAll() {
  MutexLock lock(mu_);
  for (const auto& schema : SchemaNames()) {
    ST_TRY_STATUS(world_.fs.CreateDirs(os::JoinPath(warehouse_, schema)));
  }
  ST_TRY(const auto names, ListTables(world_.fs, warehouse_));
  for (const auto& name : names) {
    auto table = Table::Open(world_, name, FolderOf(name));
    if (!table) {
      problems_.emplace(name, table.error());
    } else if (*table != nullptr) {
      tables_.emplace(name, std::move(*table));
    }
  }
  return {};
}

std::vector<TableName> LocalLake::Tables() const {
  MutexLock lock(mu_);
  std::set<TableName> names;
  for (const auto& [name, table] : tables_) names.insert(name);
  for (const auto& [name, error] : problems_) names.insert(name);
  return {names.begin(), names.end()};
}

std::vector<TableProblem> LocalLake::Problems() const {
  MutexLock lock(mu_);
  std::vector<TableProblem> problems;
  for (const auto& [name, error] : problems_) problems.push_back({name, error});
  for (const auto& [name, table] : tables_) {
    if (auto why = table->closed()) problems.push_back({name, std::move(*why), true});
  }
  return problems;
}

Result<Table*> LocalLake::Find(const TableName& name) const {
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

Result<std::shared_ptr<const View>> LocalLake::Load(const TableName& name) const {
  ST_TRY(const auto* table, Find(name));
  return table->view();
}

Status LocalLake::OpenAgain(const TableName& name) {
  auto table = Table::Open(world_, name, FolderOf(name));
  MutexLock lock(mu_);
  if (tables_.contains(name)) return {};  // another thread was faster
  problems_.erase(name);
  if (!table) {
    problems_.emplace(name, table.error());
    return std::unexpected(table.error());
  }
  if (*table != nullptr) tables_.emplace(name, std::move(*table));
  return {};
}

Result<std::shared_ptr<const View>> LocalLake::LoadForCommit(const TableName& name) {
  auto table = Find(name);
  if (!table) {
    const bool is_there = table.error().code() != ErrorCode::kNotFound ||
                          world_.fs.Exists(FolderOf(name)).value_or(false);
    if (!is_there) return std::unexpected(table.error());
    ST_TRY_STATUS(OpenAgain(name));
    table = Find(name);
  }
  ST_TRY_STATUS(table);
  if ((*table)->closed()) ST_TRY_STATUS((*table)->ReadAgain());
  return (*table)->view();
}

Result<std::shared_ptr<const View>> LocalLake::Create(
    const TableName& name, const std::vector<Column>& columns,
    const std::map<std::string, std::string>& properties) {
  ST_TRY_STATUS(CheckName(name));
  ST_TRY_STATUS(CheckColumns(columns));
  MutexLock lock(mu_);
  if (const auto problem = problems_.find(name); problem != problems_.end()) {
    return std::unexpected(problem->second);
  }
  for (const auto& [other, table] : tables_) {
    if (other.schema != name.schema || !EqualsIgnoreCase(other.name, name.name)) continue;
    return Fail(ErrorCode::kAlreadyExists, "there is a table {}.{} already", other.schema,
                other.name);
  }
  ST_TRY(auto table, Table::Create(world_, name, FolderOf(name), columns, properties));
  return tables_.emplace(name, std::move(table)).first->second->view();
}

Result<std::shared_ptr<const View>> LocalLake::Commit(const Append& append) {
  ST_TRY(auto* table, Find(append.table));
  if (!append.add_columns.empty()) {
    auto columns = table->view()->columns;
    columns.insert(columns.end(), append.add_columns.begin(), append.add_columns.end());
    ST_TRY_STATUS(CheckColumns(columns));
  }
  return table->Commit(append);
}

Result<std::string> LocalLake::NewDataFilePath(const TableName& name) {
  ST_TRY(auto* table, Find(name));
  return table->NewDataFilePath();
}

}  // namespace

Result<std::unique_ptr<Lake>> Lake::Open(os::FileSystem& fs, os::Clock& clock, os::Random& random,
                                         LakeOptions options) {
  if (!options.warehouse.starts_with('/')) {
    return Fail(ErrorCode::kInvalidArgument, "the warehouse \"{}\" is no absolute path",
                options.warehouse);
  }
  while (options.warehouse.size() > 1 && options.warehouse.ends_with('/')) {
    options.warehouse.pop_back();
  }
  auto lake = std::make_unique<LocalLake>(Surroundings{fs, clock, random}, options.warehouse);
  ST_TRY_STATUS(lake->ReadAll());
  return lake;
}

}  // namespace st::lake
