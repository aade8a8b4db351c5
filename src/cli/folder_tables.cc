#include "cli/folder_tables.h"

#include "app/data_dir.h"
#include "lake/local_storage.h"
#include "lake/names.h"
#include "lake/read_view.h"

namespace st::cli {

Result<FolderTables> FolderTables::Open(const app::Config& config) {
  FolderTables tables;
  ST_TRY_STATUS(app::DataDir::CheckFolder(*tables.fs_, config.data_dir));
  tables.storage_ = lake::MakeLocalStorage(*tables.fs_, os::JoinPath(config.data_dir, "warehouse"));
  ST_TRY(tables.names_, lake::ListTables(*tables.storage_));
  return tables;
}

Result<std::vector<lake::TableName>> FolderTables::Named(const std::string& name) const {
  if (name.empty()) return names_;
  ST_TRY(auto named, lake::FindTable(names_, name));
  return std::vector{std::move(named)};
}

Result<std::shared_ptr<const lake::View>> FolderTables::View(
    const std::string& name, std::optional<SnapshotId> snapshot) const {
  ST_TRY(const auto named, lake::FindTable(names_, name));
  return lake::ReadView(*storage_, named, snapshot);
}

}  // namespace st::cli
