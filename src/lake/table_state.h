// Reads the state of one table from its files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "format/iceberg/manifest.h"
#include "format/iceberg/table_metadata.h"
#include "lake/file_list.h"
#include "lake/property_files.h"
#include "lake/storage.h"
#include "lake/table_folder.h"
#include "lake/view.h"

namespace st::lake {

// A manifest of the current snapshot and the live files it lists.
struct LiveManifest {
  iceberg::ManifestFile file;
  std::shared_ptr<const FileChunk> files;
};

// Set in the last version of a table that was dropped.
inline constexpr const char* kDroppedProperty = "steelthread.dropped";

// A table at one version. A copy costs the snapshots and manifests, not the files.
struct TableState {
  TableName name;
  TableFolder folder;
  std::int64_t version = 0;
  iceberg::TableMetadata metadata;
  std::vector<LiveManifest> manifests;  // of the current snapshot, oldest first
  StoredValues stored;                  // the properties that lie in files
  std::shared_ptr<const View> view;
};

// The version names the file, or one of its snapshots has it for a list or a position.
bool NamesFile(const TableState& state, const std::string& location);

// The locations of live data files.
std::set<std::string> LocationsOf(const std::vector<LiveManifest>& manifests);

// Sets state.view from the other members and `metadata_json`, the bytes of the version's file.
void PublishView(const Storage& storage, std::string metadata_json, TableState& state);

// The newest version in the folder; 0: none.
Result<std::int64_t> NewestVersion(Storage& storage, const TableFolder& folder);

// Reads the newest version; nullopt if there is none and no data file either (a creation that did
// not finish), or if it says that the table was dropped.
//
// Errors: kCorruption and kUnsupported with the file's location, kCorruption also where
//         version-hint.text names a newer version than there is; kIo.
Result<std::optional<TableState>> ReadTable(Storage& storage, const TableName& name);

// The same of a table that another process may have open: that one may commit, and remove files of
// the version that is read. Then the newer one is read. `turn` changes what was read; an error of
// it is treated likewise.
Result<std::optional<TableState>> ReadTableBesideOwner(
    Storage& storage, const TableName& name,
    const std::function<Status(TableState&)>& turn = [](TableState&) { return Status(); });

// The newest version, if it says that the table was dropped; 0: it does not, or there is none.
Result<std::int64_t> DroppedVersion(Storage& storage, const TableFolder& folder);

// Reads the manifests of a snapshot.
Result<std::vector<LiveManifest>> ReadSnapshot(Storage& storage, const TableFolder& folder,
                                               const iceberg::Snapshot& snapshot);

// Reads one manifest. Entries of deleted files are left out.
Result<LiveManifest> ReadManifest(Storage& storage, const TableFolder& folder,
                                  const iceberg::ManifestFile& manifest);

// The manifests that a list names.
Result<std::vector<iceberg::ManifestFile>> ReadManifestList(Storage& storage,
                                                            const TableFolder& folder,
                                                            const std::string& list_uri);

}  // namespace st::lake
