// `steelthread table ls|describe|history|holds|files|verify`: reads the tables' files, with or
// without a running server. `rollback` needs one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/config.h"

namespace st::cli {

struct TableOptions {
  std::string name;  // "sword_purchases" or "bad.rows", in any case; "": all
  std::string format = "table";
};

// Each prints rows; the exit code of the command.
int ListTables(const app::Config& config, const TableOptions& options);
// Its columns; as a table for people, its holds below.
int DescribeTable(const app::Config& config, const TableOptions& options);
// The snapshots that can be read, newest first, with their tags.
int ShowHistory(const app::Config& config, const TableOptions& options);
// The holds that have not ended, with what ends them.
int ShowHolds(const app::Config& config, const TableOptions& options);
// The data files of the current snapshot, in their order.
int ShowFiles(const app::Config& config, const TableOptions& options);

struct RollbackOptions {
  std::string name;
  std::optional<std::int64_t> snapshot;
  std::string as_of;  // a time; "": `snapshot` says where to
};
// Has the running server make an earlier snapshot the table's current one.
int RollBackTable(const app::Config& config, const RollbackOptions& options);

// Reads every data file and the metadata of all snapshots, and compares them with their checksums.
// kExitDamage: some are damaged.
int VerifyTables(const app::Config& config, const TableOptions& options);

}  // namespace st::cli
