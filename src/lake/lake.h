// STORE: Iceberg v2 tables in a local warehouse folder, their snapshots and Views.
//
// Threads:  safe from any thread; a commit blocks for its syncs.
// Durable:  a commit is durable when it returns success (I5, I7): data files were synced by
//           their writer, then manifest, manifest list, v<N+1>.metadata.json created if absent,
//           folders.
// Errors:   kNotFound, kAlreadyExists, kConflict (the table moved on: read again), kUnavailable (no
//           space), kOutcomeUnknown (a commit or creation that may have happened:
//           LoadForCommit reads which), kCorruption (names the file), kUnsupported, kIo.
// Limits:   limits.h; columns and names as Create says.
// Format:   Iceberg spec v2; docs/formats/lake.md
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"

namespace st::lake {

struct TableName {
  std::string schema;  // "default" or "bad"
  std::string name;
  friend auto operator<=>(const TableName&, const TableName&) = default;
};

// Iceberg primitive types only: boolean int long float double date time timestamp timestamptz
// string binary uuid decimal(p, s).
struct Column {
  int id = 0;  // field id, from 1
  std::string name;
  std::string type;
  friend bool operator==(const Column&, const Column&) = default;
};

// A Parquet file that was written and synced, with the statistics of its manifest entry.
struct DataFile {
  std::string path;  // absolute
  std::int64_t record_count = 0;
  std::int64_t file_size_bytes = 0;
  // CRC-32C of all its bytes, computed by the commit; nullopt: an earlier version committed it.
  std::optional<std::uint32_t> crc32c;
  struct ColumnStats {
    std::int64_t size_bytes = -1;  // -1: unknown
    std::int64_t value_count = -1;
    std::int64_t null_count = -1;
    std::optional<std::string> lower;  // Iceberg single-value serialization (Appendix D)
    std::optional<std::string> upper;
  };
  std::map<int, ColumnStats> columns;  // by field id
};

// An immutable state of one table: queries take Views and nothing else.
struct View {
  TableName name;
  Uuid table_uuid;
  std::string location;         // absolute folder
  std::string metadata_file;    // absolute path of v<N>.metadata.json
  std::string metadata_json;    // its contents
  std::int64_t version = 0;     // N
  std::vector<Column> columns;  // current schema
  std::map<std::string, std::string> properties;
  std::optional<SnapshotId> snapshot;
  std::int64_t snapshot_time_ms = 0;
  std::int64_t snapshot_count = 0;
  std::int64_t record_count = 0;
  std::vector<DataFile> files;  // live data files, oldest first
};

struct Append {
  TableName table;
  // The version that the caller read; kConflict if the table has another one by now (I4, I6).
  std::int64_t expected_version = 0;
  std::vector<DataFile> files;                    // may be empty: a commit of progress alone
  std::map<std::string, std::string> properties;  // set in the same commit (I5)
  std::map<std::string, std::string> summary;     // beside the counts that the spec asks for
  // Added behind the table's columns in the same commit, with new field ids (the ids here are
  // ignored); earlier rows read as NULL.
  std::vector<Column> add_columns;
};

// A table that cannot be used, and the reason; other tables are not affected.
struct TableProblem {
  TableName table;
  Error error;
  // The table was readable when the lake was opened; later a commit's outcome was unknown and could
  // not be read. Statements read its last known state meanwhile.
  bool is_closed = false;
};

struct LakeOptions {
  std::string warehouse;  // <data.dir>/warehouse, absolute
};

class Lake {
 public:
  virtual ~Lake() = default;
  // Reads the current version of every table; makes schemas `default` and `bad`. A damaged
  // table is no error: Problems() lists it, and each call about it fails with its error.
  static Result<std::unique_ptr<Lake>> Open(os::FileSystem& fs, os::Clock& clock,
                                            os::Random& random, LakeOptions options);
  virtual std::vector<std::string> Schemas() const = 0;
  virtual std::vector<TableName> Tables() const = 0;  // sorted; damaged ones too
  // kNotFound. Cheap: a shared pointer.
  virtual Result<std::shared_ptr<const View>> Load(const TableName& name) const = 0;
  // The same for callers that will commit: first reads the table again if a commit's outcome is
  // unknown or the table could not be read at opening (I6). kIo: that failed; retry later.
  virtual Result<std::shared_ptr<const View>> LoadForCommit(const TableName& name) {
    return Load(name);
  }
  virtual std::vector<TableProblem> Problems() const { return {}; }
  // Version 1 without a snapshot. Field ids are given by position from 1. kAlreadyExists, also for
  // a name that differs in case alone; kInvalidArgument for a schema other than the two, a name
  // that is no folder's (letters, digits, _ and -, at most 128), no or doubled columns, a bad type.
  virtual Result<std::shared_ptr<const View>> Create(
      const TableName& name, const std::vector<Column>& columns,
      const std::map<std::string, std::string>& properties) = 0;
  // Returns the new View. Refuses a path that is live already or lies outside of the table's data
  // folder (kInvalidArgument). Without files it makes a new version but no snapshot.
  virtual Result<std::shared_ptr<const View>> Commit(const Append& append) = 0;
  // A fresh absolute path <location>/data/<uuid>.parquet; its folder exists and is synced.
  virtual Result<std::string> NewDataFilePath(const TableName& name) = 0;
};

}  // namespace st::lake
