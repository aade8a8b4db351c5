// STORE: Iceberg v2 tables, their snapshots and Views.
//
// Threads:  safe from any thread. A commit waits for its syncs and for other commits of its table,
//           Create for its syncs; they hold up no call about another table, and no Catalog call.
// Durable:  a commit is durable when it returns success (I5, I7): data files were synced by
//           their writer, then manifest, manifest list, v<N+1>.metadata.json created if absent,
//           folders.
// Errors:   kNotFound, kAlreadyExists, kConflict (the table has a newer version: read it),
//           kUnavailable (no space, or holds keep kMaxHeldSnapshots), kOutcomeUnknown (a commit or
//           creation that may have happened: LoadForCommit reads whether it did), kCorruption
//           (names the file), kUnsupported, kIo.
// Limits:   limits.h; columns and names as Create says.
// Format:   Iceberg spec v2; docs/formats/lake.md
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/catalog.h"
#include "lake/hold.h"
#include "lake/limits.h"
#include "lake/orphan.h"
#include "lake/storage.h"
#include "lake/view.h"
#include "os/env.h"

namespace st::lake {

struct Append {
  TableName table;
  // The version that the caller read; kConflict if the table has another one by now (I4, I6).
  std::int64_t expected_version = 0;
  std::vector<DataFile> files;                    // may be empty: a commit of progress alone
  std::map<std::string, std::string> properties;  // set in the same commit (I5)
  std::vector<std::string> removed_properties;    // taken away in it; one that is not there is fine
  std::map<std::string, std::string> summary;     // beside the counts that the spec asks for
  // The table's columns from this commit on; none: they stay. One with the field id of a present
  // one is that one, and may have another name, place and comment and a wider type (lake/schema.h);
  // one with the id 0 is new, and NULL in earlier rows; a present one that is missing goes, and
  // what it was in the sort order.
  std::vector<Column> columns;
  // Of files that are added from the next commit on; files that are there stay as they are.
  std::optional<TableLayout> layout;
};

// Data files in place of others that hold the same rows (Iceberg's operation "replace").
struct Rewrite {
  TableName table;
  std::vector<std::string> inputs;  // locations of live data files
  std::vector<DataFile> outputs;    // of NewDataFile, synced; with as many rows as the inputs
  // Set: kConflict if the table has another version by now. A rewrite that keeps the rows needs
  // none: commits in between do it no harm.
  std::optional<std::int64_t> expected_version;
  // The outputs have fewer rows than the inputs, or there are none ("overwrite", "delete").
  bool removes_rows = false;
  std::map<std::string, std::string> properties;  // set in the same commit
};

// Takes all rows out of a table, in a snapshot without files (Iceberg's operation "delete").
struct Clearing {
  TableName table;
  std::int64_t expected_version = 0;  // as Append's
  // The table's columns from now on. One keeps its field id where name and type are as before; the
  // ids here are ignored.
  std::vector<Column> columns;
  // nullopt: it stays, but for fields of columns that are gone.
  std::optional<TableLayout> layout;
  std::map<std::string, std::string> properties;
  std::vector<std::string> removed_properties;
};

// Makes an earlier snapshot the current one, with its columns. The layout stays, but for fields of
// columns that are gone. The snapshots behind it stay until
// they expire, so there is a way forward again.
struct Rollback {
  TableName table;
  std::int64_t expected_version = 0;  // as Append's
  SnapshotId snapshot;
  std::map<std::string, std::string> properties;  // set in the same commit; the others stay
  std::vector<std::string> removed_properties;
};

// Snapshots that a table forgets before the usual time (lake/history.h).
struct Expiry {
  TableName table;
  std::int64_t older_than_ms = 0;  // since the epoch
  std::int64_t keep = 1;           // so many of the newest stay, and the current one
  bool is_dry = false;             // nothing is changed
};

// Snapshots that stay until somebody releases them (lake/hold.h).
struct HoldRequest {
  TableName table;
  std::string name;                    // 1 to kMaxHoldNameBytes letters, digits, _ and -
  std::optional<SnapshotId> first;     // nullopt: the current snapshot
  std::int64_t for_ms = kUsualHoldMs;  // from now; at most kMaxHoldMs
};

struct LakeOptions {
  std::string warehouse;  // <data.dir>/warehouse, absolute
};

class Lake : public Catalog {
 public:
  // Reads the current version of every table; makes schemas `default` and `bad`. A damaged
  // table is no error: Problems() lists it, and each call about it fails with its error.
  // What `env` names must outlive the lake.
  static Result<std::unique_ptr<Lake>> Open(std::unique_ptr<Storage> storage, const os::Env& env);
  // The same in a local folder.
  static Result<std::unique_ptr<Lake>> Open(const os::Env& env, LakeOptions options);

  // Load for callers that will commit: first reads the table again if the outcome of a commit is
  // unknown or the table could not be read at opening (I6). kIo: that failed; retry later.
  virtual Result<std::shared_ptr<const View>> LoadForCommit(const TableName& name) {
    return Load(name);
  }
  // Version 1 without a snapshot. Field ids are given by position from 1, then to the fields inside
  // of the columns. kAlreadyExists, also for
  // a name that differs in case alone; kInvalidArgument for a schema other than the two, a name
  // that is not a folder's (letters, digits, _ and -, at most 128), no or doubled columns, a bad
  // type, a layout that does not fit the columns. The ids of `columns` are ignored.
  virtual Result<std::shared_ptr<const View>> Create(
      const TableName& name, const std::vector<Column>& columns,
      const std::map<std::string, std::string>& properties, const TableLayout& layout = {}) = 0;
  // Returns the new View. Refuses a file that is live already or lies outside of the table's data
  // folder, or has no partition of its spec (kInvalidArgument). Without files it makes a new
  // version but no snapshot. Costs what it adds, and the snapshots and manifests that the table
  // keeps.
  virtual Result<std::shared_ptr<const View>> Commit(const Append& append) = 0;
  // Returns the new View. The outputs stand where the first input stood, so the order of rows stays
  // if the inputs follow each other. kConflict: an input is not live any more, or the version is
  // another; kInvalidArgument: the rows are not as many.
  virtual Result<std::shared_ptr<const View>> Replace(const Rewrite& rewrite) = 0;
  // Returns the new View.
  virtual Result<std::shared_ptr<const View>> Clear(const Clearing& clearing) = 0;
  // Returns the new View. kNotFound: the table has no such snapshot (any more); kInvalidArgument: a
  // hold begins behind it.
  virtual Result<std::shared_ptr<const View>> RollBack(const Rollback& rollback) = 0;
  // The value that the property kPositionProperty had in the commit of a snapshot. kNotFound: there
  // is no such snapshot, or an earlier version of this program made it, which recorded none.
  virtual Result<std::string> PositionAt(const TableName& name, SnapshotId snapshot) = 0;
  // Returns the ids of the snapshots that go, oldest first. Their files leave the disk an hour
  // later. Held snapshots stay.
  virtual Result<std::vector<std::int64_t>> Expire(const Expiry& expiry) = 0;
  // Sets a hold, or gives the one of that name another beginning and end: the snapshot that it
  // names and every later one stay, with the files that they name now, until it ends. Later ones
  // that had expired before stay away. kNotFound: the table has no such snapshot (any more);
  // kInvalidArgument: the table has none yet, a bad name or length; kUnavailable: the table has
  // kMaxHolds.
  virtual Result<Hold> HoldSnapshots(const HoldRequest& request) = 0;
  // Ends a hold before its time. kNotFound names the holds that there are.
  virtual Status ReleaseHold(const TableName& table, const std::string& name) = 0;
  // Removes a table, which must have no hold (kInvalidArgument). Its files leave the disk once an
  // hour has passed and no View of it is held. Its name may be taken again at once: then they leave
  // as orphans, Views or not, once they are a day old, at least an hour later. kNotFound also where
  // another call dropped it meanwhile.
  virtual Status Drop(const TableName& name) = 0;
  // Removes the files of dropped tables whose time has come.
  virtual Status RemoveDropped() = 0;
  // Gives a table another name, its current snapshot and the tagged ones, and sets `properties` in
  // the same commit. The data files are not copied where the storage can name a file twice. A crash
  // leaves the table under the old name, or under the new one. It fails for `to` as Create does,
  // and for a table with a hold (kInvalidArgument): the files of before would leave the disk.
  virtual Result<std::shared_ptr<const View>> Rename(
      const TableName& from, const TableName& to,
      const std::map<std::string, std::string>& properties) = 0;
  // Makes the metadata of a table whose folder was moved name the place where it lies, so that
  // other engines find its files. The current snapshot, the tagged and the held ones stay. false:
  // it names that place already.
  virtual Result<bool> Relocate(const TableName& name) = 0;
  // Ends holds whose time is over. Removes files that left the table, once an hour has passed since
  // the last snapshot or View that names them. Commits do both too; this is for a table without
  // any.
  virtual Status RemoveUnnamed(const TableName& name) = 0;
  // Has the orphans (FindOrphans) that no commit that runs may need leave the disk an hour later,
  // by RemoveUnnamed or a commit of this process, and returns their locations: the last snapshot
  // that named them may have gone just before the process began. With `is_dry` they stay. Files
  // that leave already are not among them.
  virtual Result<std::vector<std::string>> RemoveOrphans(const TableName& name, bool is_dry) = 0;
  // Reads a live file whole and compares it with its commit. kCorruption: length or checksum
  // differ, or it is missing.
  virtual Status CheckDataFile(const DataFile& file) = 0;
  // A fresh location for a data file of the table; its folder exists and is durable. Whoever writes
  // the file syncs it and then commits or discards it.
  virtual Result<std::string> NewDataFile(const TableName& name) = 0;
  // Removes a file at a location of NewDataFile, whole or half written; not an error if there is
  // none. The location may be written again. kInvalidArgument: it is live, or NewDataFile never
  // makes such a location; kUnavailable: a commit with an unknown outcome may name it.
  virtual Status DiscardDataFile(const std::string& location) = 0;
  // The files in the table's folder that nothing names (lake/orphans.h), also those that are young
  // enough for a commit that runs; reads the lists and manifests of all snapshots. Files that left
  // the table and wait for their hour are none.
  virtual Result<std::vector<Orphan>> FindOrphans(const TableName& name) = 0;
};

}  // namespace st::lake
