// One table: its current state, and the commits that replace it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "lake/lake.h"
#include "lake/limits.h"
#include "lake/manifests.h"
#include "lake/retired_files.h"
#include "lake/table_state.h"

namespace st::lake {

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
      TableEnv env, const TableName& name, const std::vector<Column>& columns,
      const std::map<std::string, std::string>& properties);

  std::shared_ptr<const View> view() const;
  // Opens a closed table by reading it; returns at once if it is open.
  Status ReadAgain() ST_EXCLUDES(mu_);
  // Why the table is closed; nullopt: it is open.
  std::optional<Error> closed() const {
    return closed_.With([](const std::optional<Error>& error) { return error; });
  }
  Result<std::shared_ptr<const View>> Commit(const Append& append) ST_EXCLUDES(mu_);
  Result<std::shared_ptr<const View>> Replace(const Rewrite& rewrite) ST_EXCLUDES(mu_);
  // As Lake::RemoveUnnamed. A file that cannot be removed is an orphan.
  void RemoveUnnamed() ST_EXCLUDES(mu_);
  // As Lake::RemoveOrphans; commits go on meanwhile.
  Result<std::vector<std::string>> RemoveOrphans(bool is_dry) ST_EXCLUDES(mu_);
  Result<std::string> NewDataFile() const;
  // Requires: `location` lies in the table's data folder.
  Status DiscardDataFile(const std::string& location) ST_EXCLUDES(mu_);

 private:
  // What a commit does to the table's data files.
  struct Change {
    std::string operation;  // of Iceberg: "append", "replace"
    std::vector<DataFile> added;
    std::set<std::string> removed;
    std::map<std::string, std::string> summary;
  };
  Status Check(const Append& append) ST_REQUIRES(mu_);
  Status Check(const Rewrite& rewrite) ST_REQUIRES(mu_);
  Status CheckAdded(const std::vector<DataFile>& files) ST_REQUIRES(mu_);
  Status ReadAfterUnknown() ST_REQUIRES(mu_);
  Status ReadFiles() ST_REQUIRES(mu_);
  void Close(const Error& why);
  // The files of a commit with their checksums.
  Result<std::vector<DataFile>> WithChecksums(std::vector<DataFile> files) const;
  std::map<std::string, std::string> SummaryOf(const Change& change) const ST_REQUIRES(mu_);
  // The state from which the next version is made.
  TableState Next() ST_REQUIRES(mu_);
  // Writes manifests and list of a new snapshot, and adds it to `next`.
  Status AddSnapshot(Change change, TableState& next) ST_REQUIRES(mu_);
  // Expires snapshots, creates the file of version `next`, publishes its View, and removes
  // retired files whose time has come.
  Result<std::shared_ptr<const View>> Finish(TableState next, const std::set<std::string>& removed)
      ST_REQUIRES(mu_);
  // Creates the file of version `next`.
  Status CreateVersion(TableState& next) ST_REQUIRES(mu_);
  void Adopt(TableState state) ST_REQUIRES(mu_);
  // Retires what the table's state names and `next` does not, but for lists of snapshots.
  void Retire(const TableState& next, const std::set<std::string>& removed) ST_REQUIRES(mu_);
  // Removes the retired files whose time has come.
  void TakeAway() ST_REQUIRES(mu_);
  // The current version names the file, or one of its snapshots has it for a list.
  bool IsNamed(const std::string& location) const ST_REQUIRES(mu_);

  const TableEnv env_;
  const std::string data_folder_;
  mutable Mutex mu_;
  TableState state_ ST_GUARDED_BY(mu_);
  std::optional<Error> unknown_ ST_GUARDED_BY(mu_);  // the commit's that closed the table
  Guarded<std::optional<Error>> closed_;
  Guarded<std::shared_ptr<const View>> view_;
  RetiredFiles retired_data_ ST_GUARDED_BY(mu_);
  RetiredFiles retired_metadata_ ST_GUARDED_BY(mu_);
  // The Views that somebody may hold, by the sequence number of their snapshot.
  std::vector<std::pair<std::int64_t, std::weak_ptr<const View>>> shown_ ST_GUARDED_BY(mu_);
};

}  // namespace st::lake
