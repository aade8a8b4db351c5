#include "cli/folder_tables.h"

#include "app/data_dir.h"
#include "cli/program_name.h"
#include "lake/local_storage.h"
#include "lake/names.h"
#include "lake/read_view.h"

namespace st::cli {

Status RequireDataFolder(os::FileSystem& fs, const app::Config& config) {
  ST_TRY(const bool exists, fs.Exists(os::JoinPath(config.data_dir, "format")));
  if (exists) return {};
  return Fail(ErrorCode::kUnavailable,
              "{} is no data folder and no server runs: start one with `{}`", config.data_dir,
              UpCommand(config));
}

Result<FolderTables> FolderTables::Open(const app::Config& config) {
  FolderTables tables;
  ST_TRY_STATUS(app::DataDir::CheckFolder(*tables.fs_, config.data_dir));
  ST_TRY_STATUS(RequireDataFolder(*tables.fs_, config));
  tables.storage_ = lake::MakeLocalStorage(*tables.fs_, os::JoinPath(config.data_dir, "warehouse"));
  ST_TRY(tables.names_, lake::ListTables(*tables.storage_));
  return tables;
}

Result<lake::TableName> FolderTables::Find(const std::string& name) const {
  if (auto named = lake::FindTable(names_, name)) return named;
  // The folder of a dropped or renamed table stays for a while, and is no suggestion.
  std::vector<lake::TableName> there;
  for (const auto& one : names_) {
    const auto view = lake::ReadView(*storage_, one);
    if (view || view.error().code() != ErrorCode::kNotFound) there.push_back(one);
  }
  return lake::FindTable(there, name);
}

Result<std::vector<lake::TableName>> FolderTables::Named(const std::string& name) const {
  if (name.empty()) return names_;
  ST_TRY(auto named, Find(name));
  return std::vector{std::move(named)};
}

Result<std::shared_ptr<const lake::View>> FolderTables::View(
    const std::string& name, std::optional<SnapshotId> snapshot) const {
  ST_TRY(const auto named, Find(name));
  return lake::ReadView(*storage_, named, snapshot);
}

}  // namespace st::cli
