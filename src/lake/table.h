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

// What a table needs of the world; all must outlive it.
struct Surroundings {
  os::FileSystem& fs;
  os::Clock& clock;
  os::Random& random;
};

// A table of the lake.
//
// Threads: safe from any thread; commits of one table wait for each other, views() does not.
// Errors:  as Lake. After a commit with kOutcomeUnknown further commits fail with kIo.
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
  Result<std::shared_ptr<const View>> Commit(const Append& append) ST_EXCLUDES(mu_);
  Result<std::string> NewDataFilePath() ST_EXCLUDES(mu_);

 private:
  Status Check(const Append& append) ST_REQUIRES(mu_);
  static void AddColumns(const std::vector<Column>& columns, iceberg::TableMetadata& metadata);
  // Writes manifests and list of a new snapshot and adds it to `next`.
  Status AddSnapshot(const Append& append, TableState& next) ST_REQUIRES(mu_);
  void Adopt(TableState state) ST_REQUIRES(mu_);
  // Removes metadata files that nothing refers to any more.
  void Sweep() ST_REQUIRES(mu_);

  const Surroundings world_;
  mutable Mutex mu_;
  TableState state_ ST_GUARDED_BY(mu_);
  std::optional<Error> poison_ ST_GUARDED_BY(mu_);  // after an unknown outcome
  Guarded<std::shared_ptr<const View>> view_;
};

}  // namespace st::lake
