#include "lake/dropped.h"

#include <string>

#include "lake/limits.h"
#include "lake/table_state.h"

namespace st::lake {

Status RemoveDroppedTable(Storage& storage, std::int64_t now_us, const TableName& name) {
  const auto folder = FolderOf(storage, name);
  ST_TRY(const auto version, DroppedVersion(storage, folder));
  if (version == 0) return {};
  const auto last = folder.metadata_file(VersionFileName(version));
  ST_TRY(const auto dropped_us, storage.ModifiedUs(last));
  if (dropped_us > now_us - kKeepUnnamedUs) return {};
  for (const auto& files : {folder.data_folder(), folder.metadata_folder()}) {
    ST_TRY(const auto names, storage.List(files));
    for (const auto& file : names) {
      const auto location = JoinLocation(files, file);
      if (location != last) ST_TRY_STATUS(storage.Remove(location));
    }
  }
  // Until then a power loss could bring back a file, and an earlier version must not be the last.
  ST_TRY_STATUS(storage.SyncFolder(folder.data_folder()));
  ST_TRY_STATUS(storage.SyncFolder(folder.metadata_folder()));
  ST_TRY_STATUS(storage.Remove(last));
  // Or it could come back beside the versions of a new table in this place, and be the newest.
  ST_TRY_STATUS(storage.SyncFolder(folder.metadata_folder()));
  for (const auto& empty : {folder.data_folder(), folder.metadata_folder(), folder.location}) {
    ST_TRY_STATUS(storage.RemoveFolder(empty));
  }
  return {};
}

}  // namespace st::lake
