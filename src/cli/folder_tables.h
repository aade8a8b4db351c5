// The tables of a data folder, read with or without a server that has it open.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "lake/storage.h"
#include "lake/view.h"
#include "os/file_system.h"

namespace st::cli {

// kUnavailable: the settings name no data folder, so that a mistyped name is no empty folder.
Status RequireDataFolder(os::FileSystem& fs, const app::Config& config);

// Threads: one thread.
// Errors:  those of RequireDataFolder, app::DataDir::CheckFolder and lake::ReadView.
class FolderTables {
 public:
  static Result<FolderTables> Open(const app::Config& config);

  // All tables, or the one that is named; kNotFound names the nearest.
  Result<std::vector<lake::TableName>> Named(const std::string& name) const;
  // The newest version of the table that is named, or one of its snapshots.
  Result<std::shared_ptr<const lake::View>> View(
      const std::string& name, std::optional<SnapshotId> snapshot = std::nullopt) const;
  lake::Storage& storage() const { return *storage_; }

 private:
  Result<lake::TableName> Find(const std::string& name) const;

  std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  std::unique_ptr<lake::Storage> storage_;
  std::vector<lake::TableName> names_;
};

}  // namespace st::cli
