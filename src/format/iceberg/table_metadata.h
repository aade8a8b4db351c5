// Iceberg v2 table metadata: the JSON file that is the root of a table.
//
// Reads the metadata that the lake writes.
// Refuses metadata with other features that change the contents of a table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/iceberg/layout.h"
#include "format/iceberg/snapshot_summary.h"

namespace st::iceberg {

struct Field {
  int id = 0;
  std::string name;
  std::string type;  // as base/nested_type.h writes it: "long", {"type":"list",…}
  bool is_required = false;
  std::string doc = {};  // the column's comment; "": none
  friend bool operator==(const Field&, const Field&) = default;
};

struct Schema {
  int id = 0;
  std::vector<Field> fields;
  friend bool operator==(const Schema&, const Schema&) = default;
};

struct Snapshot {
  std::int64_t id = 0;
  std::optional<std::int64_t> parent;
  std::int64_t sequence_number = 0;
  std::int64_t timestamp_ms = 0;
  std::string manifest_list;
  SnapshotSummary summary;  // with "operation"
  int schema_id = 0;
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

struct SnapshotLogEntry {
  std::int64_t timestamp_ms = 0;
  std::int64_t snapshot_id = 0;
  friend bool operator==(const SnapshotLogEntry&, const SnapshotLogEntry&) = default;
};

struct MetadataLogEntry {
  std::int64_t timestamp_ms = 0;
  std::string file;
  friend bool operator==(const MetadataLogEntry&, const MetadataLogEntry&) = default;
};

// A name that keeps a snapshot from expiry (spec, Snapshot References).
struct Tag {
  std::string name;
  std::int64_t snapshot_id = 0;
  std::optional<std::int64_t> max_age_ms;  // nullopt: for good
  friend bool operator==(const Tag&, const Tag&) = default;
};

struct TableMetadata {
  std::string table_uuid;
  std::string location;  // URI without a slash at its end
  std::int64_t last_sequence_number = 0;
  std::int64_t last_updated_ms = 0;
  int last_column_id = 0;
  std::vector<Schema> schemas;
  int current_schema_id = 0;
  std::vector<PartitionSpec> partition_specs = {{}};
  int default_spec_id = 0;
  int last_partition_id = kNoPartitionId;
  std::vector<SortOrder> sort_orders = {{}};
  int default_sort_order_id = 0;
  std::map<std::string, std::string> properties;
  std::optional<std::int64_t> current_snapshot_id;
  // Snapshots of the branch main that are at most so old stay where another engine expires (spec,
  // Snapshot Retention Policy); nullopt: it decides.
  std::optional<std::int64_t> max_snapshot_age_ms;
  std::vector<Snapshot> snapshots;  // oldest first
  std::vector<SnapshotLogEntry> snapshot_log;
  std::vector<MetadataLogEntry> metadata_log;
  std::vector<Tag> tags;  // by name
  friend bool operator==(const TableMetadata&, const TableMetadata&) = default;

  // These return nullptr if there is none.
  const Snapshot* FindSnapshot(std::int64_t id) const;
  const Snapshot* CurrentSnapshot() const;
  const Schema* CurrentSchema() const;
  const PartitionSpec* FindSpec(int id) const;
  // Of a table that was parsed or made here: always there.
  const PartitionSpec& CurrentSpec() const { return *FindSpec(default_spec_id); }
  const SortOrder& CurrentSortOrder() const;
};

// {"type":"struct","schema-id":0,"fields":[…]}, as metadata and manifests carry it.
std::string EncodeSchema(const Schema& schema);

// Requires: all text is UTF-8.
std::string EncodeTableMetadata(const TableMetadata& metadata);

// Errors: kCorruption names the key that is missing or wrong; kUnsupported for another format
//         version, an unknown transform, a branch beside main.
Result<TableMetadata> ParseTableMetadata(std::string_view json);

}  // namespace st::iceberg
