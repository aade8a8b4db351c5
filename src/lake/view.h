// Vocabulary: what a query or an Iceberg client sees of a table.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "base/ids.h"
#include "base/partition_transform.h"
#include "base/table_layout.h"
#include "lake/file_list.h"
#include "lake/hold.h"

namespace st::lake {

struct TableName {
  std::string schema;  // "default" or "bad"
  std::string name;
  friend auto operator<=>(const TableName&, const TableName&) = default;
};

// The property that says how far a table is filled. Each snapshot records its value, so that a
// rollback can bring it back (docs/formats/lake.md).
inline constexpr const char* kPositionProperty = "steelthread.offsets";

struct Column {
  int id = 0;  // field id, from 1
  std::string name;
  // As base/nested_type.h writes it. Its primitives are boolean int long float double date time
  // timestamp timestamptz string binary uuid decimal(p, s).
  std::string type;
  std::string doc = {};  // a comment for people; "": none
  friend bool operator==(const Column&, const Column&) = default;
};

// A field of the partition values of files.
struct PartitionField {
  int id = 0;
  std::string name;
  int column_id = 0;
  std::string column;  // its name now; "": the current schema lacks it
  PartitionTransform transform;
  ColumnType source;  // of the column
  ColumnType result;  // of the values
};

// How files were partitioned that name it (Iceberg spec, Partition Evolution).
struct PartitionSpec {
  int id = 0;
  std::vector<PartitionField> fields;  // none: unpartitioned
};

// The immutable state of one table at one version: queries take Views and nothing else.
//
// Threads: immutable once it is published.
struct View {
  TableName name;
  Uuid table_uuid;
  std::string location;       // of the table's folder, in the lake's Storage
  std::string metadata_file;  // location of v<N>.metadata.json
  std::string metadata_uri;   // the same file as Iceberg clients find it
  // The metadata names another place than the folder's: it was moved, and others do not find it.
  bool is_moved = false;
  std::string metadata_json;    // contents of that file
  std::int64_t version = 0;     // N
  std::vector<Column> columns;  // current schema
  TableLayout layout;           // of new files
  int spec_id = 0;              // of new files
  int sort_order_id = 0;        // of new files; 0: unsorted
  std::vector<PartitionSpec> partition_specs;
  std::map<std::string, std::string> properties;
  std::optional<SnapshotId> snapshot;
  std::int64_t snapshot_time_ms = 0;
  std::int64_t snapshot_count = 0;
  // Of the snapshots that tags of hours and days keep, rising. A snapshot has the rows of files
  // with at most its sequence number (Origin::sequence_number), unless a rollback parted them.
  std::vector<std::int64_t> tagged_sequence_numbers;
  // By name; also those that have ended since the version was made.
  std::vector<HeldSnapshots> holds;
  std::int64_t record_count = 0;
  FileList files;  // live data files
};

}  // namespace st::lake
