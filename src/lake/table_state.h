// Reads the state of one table from its files, and locates them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/iceberg/manifest.h"
#include "format/iceberg/table_metadata.h"
#include "lake/lake.h"
#include "os/file_system.h"

namespace st::lake {

// The names in <folder>/metadata.
std::string VersionFileName(std::int64_t version);                       // v7.metadata.json
std::optional<std::int64_t> VersionOfFileName(std::string_view name);    // nullopt: another file
std::string ManifestName(std::int64_t sequence, const Uuid& uuid);       // m-7-<uuid>.avro
std::string ManifestListName(std::int64_t sequence, const Uuid& uuid);   // snap-7-<uuid>.avro
std::optional<std::int64_t> SequenceOfFileName(std::string_view prefix,  // "m-", "snap-"
                                               std::string_view name);

// The table's folder, and its location by its metadata. They differ when the warehouse was moved or
// copied: files are then read below the folder, and new metadata names them below the location.
struct Place {
  std::string folder;    // absolute
  std::string location;  // URI, as in the metadata

  std::string metadata_folder() const { return folder + "/metadata"; }
  std::string data_folder() const { return folder + "/data"; }
  std::string UriFor(std::string_view path) const;
  // kCorruption when `uri` does not lie in the table.
  Result<std::string> PathFor(std::string_view uri) const;
};

// The origin of a live file, which a View does not have.
struct Origin {
  std::int64_t snapshot_id = 0;
  std::int64_t sequence_number = 0;
  std::int64_t file_sequence_number = 0;
};

// A manifest of the current snapshot and the number of live files it lists, which are adjacent.
struct LiveManifest {
  iceberg::ManifestFile file;
  std::size_t file_count = 0;
};

// A table at one version.
struct TableState {
  TableName name;
  Place place;
  std::int64_t version = 0;
  iceberg::TableMetadata metadata;
  std::vector<LiveManifest> manifests;  // of the current snapshot, oldest first
  std::vector<Origin> origins;          // of view->files, in their order
  std::shared_ptr<const View> view;
};

// Sets state.view from metadata, `metadata_json` and the live files.
void PublishView(TableState& state, std::string metadata_json, std::vector<DataFile> files);

iceberg::ManifestEntry EntryFor(const Place& place, const DataFile& file);

// The newest version in `folder`; 0: none.
Result<std::int64_t> NewestVersion(os::FileSystem& fs, const Place& place);

// Reads the newest version in `folder`; nullopt if there is none and no data file either (a
// creation that was cut short).
//
// Errors: kCorruption and kUnsupported with the file's path; kIo.
Result<std::optional<TableState>> ReadTable(os::FileSystem& fs, const TableName& name,
                                            const std::string& folder);

// The manifests that a list names, read by path of this machine.
Result<std::vector<iceberg::ManifestFile>> ReadManifestList(os::FileSystem& fs, const Place& place,
                                                            const std::string& uri);

}  // namespace st::lake
