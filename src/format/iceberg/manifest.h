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

// The partition of a file: values by the partition field's id, in single-value serialization. A
// field that is missing is NULL.
using PartitionValues = std::map<int, std::string>;

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
  std::map<int, std::int64_t> nan_value_counts;
  std::map<int, std::string> lower_bounds;
  std::map<int, std::string> upper_bounds;
  PartitionValues partition;
  int sort_order_id = 0;                    // the order of the file's rows; 0: unsorted
  std::vector<std::int64_t> split_offsets;  // where row groups begin
  // CRC-32C of the file's bytes. The specification has no such field: other engines neither write
  // nor read it.
  std::optional<std::uint32_t> crc32c;
  friend bool operator==(const ManifestEntry&, const ManifestEntry&) = default;
};

// What a manifest says of all its files.
struct ManifestHead {
  const Schema& schema;
  const PartitionSpec& spec;              // of all files
  std::vector<PartitionFieldType> types;  // TypesOf the spec
};

std::string EncodeManifest(const ManifestHead& head, const std::vector<ManifestEntry>& entries,
                           Uuid sync);
// Errors: kCorruption; kUnsupported for deletes, another file format or a partition value of an
//         unknown type.
Result<std::vector<ManifestEntry>> DecodeManifest(std::string_view bytes);

// The values of one partition field in a manifest.
struct FieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower;  // of the values that are neither NULL nor NaN
  std::optional<std::string> upper;
  friend bool operator==(const FieldSummary&, const FieldSummary&) = default;
};

// A summary for each field of the manifest's spec.
std::vector<FieldSummary> SummariesOf(const ManifestHead& head,
                                      const std::vector<ManifestEntry>& entries);

struct ManifestFile {
  std::string path;  // URI
  std::int64_t length = 0;
  int spec_id = 0;
  std::int64_t sequence_number = 0;
  std::int64_t min_sequence_number = 0;
  std::int64_t added_snapshot_id = 0;
  int added_files = 0;
  int existing_files = 0;
  int deleted_files = 0;
  std::int64_t added_rows = 0;
  std::int64_t existing_rows = 0;
  std::int64_t deleted_rows = 0;
  std::vector<FieldSummary> partitions;  // one a field of the spec; none: unknown
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

// The manifest list of `snapshot` (its manifest_list and summary are not used).
std::string EncodeManifestList(const Snapshot& snapshot, const std::vector<ManifestFile>& files,
                               Uuid sync);
// Errors: kCorruption; kUnsupported for delete manifests.
Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes);

}  // namespace st::iceberg
