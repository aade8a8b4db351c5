// One table: its current state, and the commit that moves it on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "lake/lake.h"
#include "lake/table_state.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"

namespace st::lake {

// The files, clock and randomness of a table; all must outlive it.
struct Surroundings {
  os::FileSystem& fs;
  os::Clock& clock;
  os::Random& random;
};

// A table of the lake.
//
// Threads: safe from any thread; commits of one table wait for each other, views() does not.
// Errors:  as Lake. After a commit with kOutcomeUnknown the table is closed: the next commit, or
//          ReadAgain, reads it from disk; while that fails, both fail with kIo.
class Table {
 public:
  Table(Surroundings world, TableState state);

  // nullptr when the folder holds no table.
  static Result<std::unique_ptr<Table>> Open(Surroundings world, const TableName& name,
                                             const std::string& folder);
  // Version 1 in a folder without one.
  static Result<std::unique_ptr<Table>> Create(
      Surroundings world, const TableName& name, const std::string& folder,
      const std::vector<Column>& columns, const std::map<std::string, std::string>& properties);

  std::shared_ptr<const View> view() const;
  // Opens a closed table by reading it; returns at once if it is open.
  Status ReadAgain() ST_EXCLUDES(mu_);
  // Why the table is closed; nullopt: it is open.
  std::optional<Error> closed() const {
    return closed_.With([](const std::optional<Error>& error) { return error; });
  }
  Result<std::shared_ptr<const View>> Commit(const Append& append) ST_EXCLUDES(mu_);
  Result<std::string> NewDataFilePath() ST_EXCLUDES(mu_);

 private:
  Status Check(const Append& append) ST_REQUIRES(mu_);
  Status ReadWhatHappened() ST_REQUIRES(mu_);
  Status ReadDisk() ST_REQUIRES(mu_);
  void Close(const Error& why);
  static void AddColumns(const std::vector<Column>& columns, iceberg::TableMetadata& metadata);
  // Writes manifests and list of a new snapshot of `files`, the append's with their checksums, and
  // adds it to `next`.
  Status AddSnapshot(const Append& append, const std::vector<DataFile>& files, TableState& next)
      ST_REQUIRES(mu_);
  void Adopt(TableState state) ST_REQUIRES(mu_);
  // Removes metadata files without references.
  void Sweep() ST_REQUIRES(mu_);

  const Surroundings world_;
  mutable Mutex mu_;
  TableState state_ ST_GUARDED_BY(mu_);
  std::optional<Error> unknown_ ST_GUARDED_BY(mu_);  // the commit's that closed the table
  Guarded<std::optional<Error>> closed_;
  Guarded<std::shared_ptr<const View>> view_;
};

}  // namespace st::lake
