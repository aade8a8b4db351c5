// Where long values of a table's own properties are kept. A value of up to kMaxInlineBytes lies in
// the metadata; a longer one in a file of its own, which the metadata names instead. So a version
// of the metadata stays small, whatever these properties say of the table's history. Of a table
// with more than kManySnapshots a position of more than kMaxPositionBytesOfMany is long;
// kHoldsProperty never is.
//
// Own properties are those of this program, which begin with kOwnPrefix. Others are for other
// engines, and stay where these look for them.
//
// Format: docs/formats/lake.md
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/iceberg/table_metadata.h"
#include "lake/storage.h"
#include "lake/table_folder.h"
#include "os/random.h"

namespace st::lake {

inline constexpr std::string_view kOwnPrefix = "steelthread.";
// Behind the key of a property: the key that has the URI of the file with the value.
inline constexpr std::string_view kFileSuffix = "-file";

struct StoredValue {
  std::string text;
  std::string file;  // location
};
// The values that lie in files, by the keys of their properties.
using StoredValues = std::map<std::string, StoredValue>;

// <property>-<uuid>-<checksum>.json, as "offsets-…" for kPositionProperty; in files of an earlier
// build without the checksum.
bool IsPropertyFileName(std::string_view name);
// The property `key` of these names the file that has the value of another one. Where that value is
// there itself, it is newer, and moves to a file with the next commit.
bool NamesValue(const std::string& key, const std::map<std::string, std::string>& properties);

// The text of a property, wherever it lies; "": there is none.
std::string_view TextOf(std::string_view key, const iceberg::TableMetadata& metadata,
                        const StoredValues& stored);

// Sets a property; a value that lies in a file already stays there.
void SetProperty(const std::string& key, const std::string& text, iceberg::TableMetadata& metadata,
                 StoredValues& stored);
void RemoveProperty(const std::string& key, iceberg::TableMetadata& metadata, StoredValues& stored);
// Moves the long values of own properties from `metadata` into files.
//
// Durable: the files' bytes, not their names.
Status StoreLongValues(Storage& storage, os::Random& random, const TableFolder& folder,
                       iceberg::TableMetadata& metadata, StoredValues& stored);

// What properties that are not own ones take of the metadata, as JSON.
std::size_t SharedBytes(const std::map<std::string, std::string>& properties);

// Reads the files that properties name.
// Errors: those of ReadMetadataFile (lake/metadata_files.h); kCorruption, a file lies elsewhere.
Result<StoredValues> ReadStoredValues(Storage& storage, const TableFolder& folder,
                                      const std::map<std::string, std::string>& properties);

// The position that the summary of a snapshot records or names; "": none.
// Errors: as ReadStoredValues.
Result<std::string> ReadPosition(Storage& storage, const TableFolder& folder,
                                 const iceberg::Snapshot& snapshot);
// The key under which properties and summaries name the file of the position.
std::string PositionFileProperty();
// Location of the file that a snapshot names for its position, if any.
std::optional<std::string> PositionFileOf(const TableFolder& folder,
                                          const iceberg::Snapshot& snapshot);

// Calls `change` with the URI of each file that properties, or a summary, name.
template <typename Function>
Status ForEachFile(std::map<std::string, std::string>& properties, Function change) {
  for (auto& [key, value] : properties) {
    if (!key.starts_with(kOwnPrefix) || !key.ends_with(kFileSuffix)) continue;
    ST_TRY_STATUS(change(value));
  }
  return {};
}

}  // namespace st::lake
