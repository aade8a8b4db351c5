// Names the files of one table, and translates between locations and the URIs of its metadata.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "lake/storage.h"
#include "lake/view.h"

namespace st::lake {

// The names in the folder `metadata`.
std::string VersionFileName(std::int64_t version);                      // v7.metadata.json
std::optional<std::int64_t> VersionOfFileName(std::string_view name);   // nullopt: another file
std::string ManifestName(std::int64_t sequence, const Uuid& uuid);      // m-7-<uuid>.avro
std::string ManifestListName(std::int64_t sequence, const Uuid& uuid);  // snap-7-<uuid>.avro
// N of the newest version, for readers without a catalog.
inline constexpr std::string_view kVersionHintName = "version-hint.text";

// The names in the folder `data`.
std::string DataFileName(const Uuid& uuid);  // <uuid>.parquet
// A name of DataFileName, or the one under which DuckDB writes such a file ("tmp_" before it).
bool IsDataFileName(std::string_view name);

// A name as this and other engines give to files that a commit may name: with a UUID and one of the
// suffixes .parquet and .avro.
bool IsCommitFileName(std::string_view name);

// The folder of a table: where it lies, and how the table's metadata calls it. The two differ when
// the warehouse was moved or copied: files are then read where they lie, and new metadata goes on
// naming them below the old URI.
struct TableFolder {
  std::string location;
  std::string uri;  // "location" of the metadata

  std::string metadata_folder() const { return JoinLocation(location, "metadata"); }
  std::string data_folder() const { return JoinLocation(location, "data"); }
  std::string metadata_file(std::string_view name) const {
    return JoinLocation(metadata_folder(), name);
  }
  std::string UriOf(std::string_view location_in_table) const;
  // kCorruption when `file_uri` does not lie in the table.
  Result<std::string> LocationOf(std::string_view file_uri) const;
};

// <root>/<schema>/<name>, for a table whose metadata was not read yet: `uri` is the storage's.
TableFolder FolderOf(const Storage& storage, const TableName& name);

}  // namespace st::lake
