// `steelthread table drop|rename|relocate`: has the running server change a table as a whole.
#pragma once

#include <string>

#include "app/config.h"

namespace st::cli {

struct TableChangeOptions {
  std::string name;
  std::string to;       // rename: the new name
  bool is_yes = false;  // drop: without it the command tells what it would do
};

// The exit code of the command. kExitUsage where --yes is missing.
int DropTable(const app::Config& config, const TableChangeOptions& options);
int RenameTable(const app::Config& config, const TableChangeOptions& options);
// All tables if none is named.
int RelocateTables(const app::Config& config, const TableChangeOptions& options);

}  // namespace st::cli
