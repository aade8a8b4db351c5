// One table: its current state, and the commits that replace it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "lake/checked_files.h"
#include "lake/lake.h"
#include "lake/leaving_files.h"
#include "lake/limits.h"
#include "lake/manifests.h"
#include "lake/table_state.h"
#include "lake/version.h"

namespace st::lake {

// Whether holds keep a table from being dropped, or end with it.
enum class HoldsOfDropped { kForbid, kEnd };

// A table of the lake.
//
// Threads: safe from any thread; commits of one table wait for each other, view() does not wait.
// Errors:  as Lake. After a commit with kOutcomeUnknown the table is closed: the next commit, or
//          ReadAgain, reads it from its files; while that fails, both fail with kIo.
class Table {
 public:
  Table(TableEnv env, TableState state);

  // nullptr when the folder holds no table.
  static Result<std::unique_ptr<Table>> Open(TableEnv env, const TableName& name);
  // Version 1 in a folder without one.
  static Result<std::unique_ptr<Table>> Create(
      TableEnv env, const NewTable& table, const std::map<std::string, std::string>& properties);

  std::shared_ptr<const View> view() const;
  // Opens a closed table by reading it; returns at once if it is open.
  Status ReadAgain() ST_EXCLUDES(mu_);
  // Why the table is closed; nullopt: it is open.
  std::optional<Error> closed() const {
    return closed_.With([](const std::optional<Error>& error) { return error; });
  }
  Result<std::shared_ptr<const View>> Commit(const Append& append) ST_EXCLUDES(mu_);
  Result<std::shared_ptr<const View>> Replace(const Rewrite& rewrite) ST_EXCLUDES(mu_);
  // As the functions of Lake that have these names.
  Result<std::shared_ptr<const View>> Clear(const Clearing& clearing) ST_EXCLUDES(mu_);
  Result<std::shared_ptr<const View>> RollBack(const Rollback& rollback) ST_EXCLUDES(mu_);
  Result<std::string> PositionAt(SnapshotId snapshot) ST_EXCLUDES(mu_);
  Result<std::vector<std::int64_t>> Expire(const Expiry& expiry) ST_EXCLUDES(mu_);
  // One commit of what `change` does to the metadata; an error of it ends it.
  Status ChangeMetadata(const std::function<Status(iceberg::TableMetadata&)>& change)
      ST_EXCLUDES(mu_);
  Result<bool> Relocate() ST_EXCLUDES(mu_);
  // Every later call fails with kNotFound; view() has no files.
  Status Drop(HoldsOfDropped holds) ST_EXCLUDES(mu_);
  // The same table under another name, of which there is none; this one is dropped.
  Result<std::unique_ptr<Table>> RenameTo(const TableName& to,
                                          const std::map<std::string, std::string>& properties)
      ST_EXCLUDES(mu_);
  bool is_dropped() const ST_EXCLUDES(mu_);
  // Somebody holds a View of the time before Drop.
  bool IsHeld() const ST_EXCLUDES(mu_);
  // As Lake::RemoveUnnamed. A file that cannot be removed is found as an orphan.
  void RemoveUnnamed() ST_EXCLUDES(mu_);
  // As the functions of Lake that have these names; commits go on meanwhile.
  Result<std::vector<Orphan>> FindOrphans() ST_EXCLUDES(mu_);
  Result<std::vector<std::string>> RemoveOrphans(bool is_dry) ST_EXCLUDES(mu_);
  Result<std::string> NewDataFile() const;
  // As Lake::CheckBeforeUse.
  Status CheckBeforeUse(const DataFile& file) { return checked_.Check(file); }
  // Requires: `location` lies in the table's data folder.
  Status DiscardDataFile(const std::string& location) ST_EXCLUDES(mu_);

 private:
  Status CheckVersion(std::int64_t expected) ST_REQUIRES(mu_);
  Status Check(const Append& append) ST_REQUIRES(mu_);
  Status Check(const Rewrite& rewrite) ST_REQUIRES(mu_);
  Status CheckAdded(const std::vector<DataFile>& files) ST_REQUIRES(mu_);
  // Reads the table if it is closed. kNotFound: it was dropped.
  Status ReadAfterUnknown() ST_REQUIRES(mu_);
  Status ReadFiles() ST_REQUIRES(mu_);
  void Close(const Error& why);
  // The files of a commit with their checksums.
  Result<std::vector<DataFile>> WithChecksums(std::vector<DataFile> files);
  // Expires snapshots beside those of `parting`, makes version `next` fit (lake/version_size.h),
  // creates its file, publishes its View, and removes retired files whose time has come.
  Result<std::shared_ptr<const View>> Finish(TableState next, LeavingFiles::Parting parting = {})
      ST_REQUIRES(mu_);
  Status WriteDrop() ST_REQUIRES(mu_);
  // Makes a version without the holds whose time is over, if there are any.
  void EndHolds() ST_REQUIRES(mu_);
  // Creates the file of version `next`, whose metadata is `json`.
  Status CreateVersion(std::string_view json, TableState& next) ST_REQUIRES(mu_);
  void Adopt(TableState state) ST_REQUIRES(mu_);
  // Adopts a state that was read from the files: this process may not have made its version.
  void AdoptRead(TableState read) ST_REQUIRES(mu_);
  // Removes the retired files whose time has come.
  void TakeAway() ST_REQUIRES(mu_);

  const TableEnv env_;
  const std::string data_folder_;
  mutable Mutex mu_;
  TableState state_ ST_GUARDED_BY(mu_);
  bool is_dropped_ ST_GUARDED_BY(mu_) = false;
  std::optional<Error> unknown_ ST_GUARDED_BY(mu_);  // the commit's that closed the table
  CheckedFiles checked_;
  Guarded<std::optional<Error>> closed_;
  Guarded<std::shared_ptr<const View>> view_;
  LeavingFiles leaving_ ST_GUARDED_BY(mu_);
};

}  // namespace st::lake
