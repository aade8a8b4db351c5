// Iceberg v2 manifests (lists of data files) and manifest lists, as Avro files.
//
// Fields are read by their ids, so the files of other writers may give them other names.
// Format: Iceberg spec v2, Manifests and Manifest Lists.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "format/iceberg/table_metadata.h"

namespace st::iceberg {

enum class EntryStatus { kExisting = 0, kAdded = 1, kDeleted = 2 };

// A data file as a manifest describes it. Maps are by field id; bounds in single-value
// serialization (spec, Appendix D).
struct ManifestEntry {
  EntryStatus status = EntryStatus::kAdded;
  // An added entry may lack these; it inherits them from the manifest list.
  std::optional<std::int64_t> snapshot_id;
  std::optional<std::int64_t> sequence_number;
  std::optional<std::int64_t> file_sequence_number;
  std::string file_path;  // URI
  std::string file_format = "PARQUET";
  std::int64_t record_count = 0;
  std::int64_t file_size_bytes = 0;
  std::map<int, std::int64_t> column_sizes;
  std::map<int, std::int64_t> value_counts;
  std::map<int, std::int64_t> null_value_counts;
  std::map<int, std::string> lower_bounds;
  std::map<int, std::string> upper_bounds;
  // CRC-32C of the file's bytes. The specification has no such field: other engines neither write
  // nor read it.
  std::optional<std::uint32_t> crc32c;
  friend bool operator==(const ManifestEntry&, const ManifestEntry&) = default;
};

// A manifest of data files of an unpartitioned table, spec 0.
std::string EncodeManifest(const Schema& schema, const std::vector<ManifestEntry>& entries,
                           Uuid sync);
// Errors: kCorruption; kUnsupported for deletes, another file format or a partitioned file.
Result<std::vector<ManifestEntry>> DecodeManifest(std::string_view bytes);

struct ManifestFile {
  std::string path;  // URI
  std::int64_t length = 0;
  std::int64_t sequence_number = 0;
  std::int64_t min_sequence_number = 0;
  std::int64_t added_snapshot_id = 0;
  int added_files = 0;
  int existing_files = 0;
  int deleted_files = 0;
  std::int64_t added_rows = 0;
  std::int64_t existing_rows = 0;
  std::int64_t deleted_rows = 0;
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

// The manifest list of `snapshot` (its manifest_list and summary are not used).
std::string EncodeManifestList(const Snapshot& snapshot, const std::vector<ManifestFile>& files,
                               Uuid sync);
// Errors: kCorruption; kUnsupported for delete manifests or another partition spec than 0.
Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes);

}  // namespace st::iceberg
