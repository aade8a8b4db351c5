// Vocabulary: what a query or an Iceberg client sees of a table.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "lake/file_list.h"

namespace st::lake {

struct TableName {
  std::string schema;  // "default" or "bad"
  std::string name;
  friend auto operator<=>(const TableName&, const TableName&) = default;
};

// The property that says how far a table is filled. Each snapshot records its value, so that a
// rollback can bring it back (docs/formats/lake.md).
inline constexpr const char* kPositionProperty = "steelthread.offsets";

// Iceberg primitive types only: boolean int long float double date time timestamp timestamptz
// string binary uuid decimal(p, s).
struct Column {
  int id = 0;  // field id, from 1
  std::string name;
  std::string type;
  friend bool operator==(const Column&, const Column&) = default;
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
  std::map<std::string, std::string> properties;
  std::optional<SnapshotId> snapshot;
  std::int64_t snapshot_time_ms = 0;
  std::int64_t snapshot_count = 0;
  std::int64_t record_count = 0;
  FileList files;  // live data files
};

}  // namespace st::lake
