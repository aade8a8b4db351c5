// `steelthread table compact|expire`: upkeep of tables now, by the running server.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "app/config.h"
#include "cli/table_command.h"

namespace st::cli {

// Puts the small data files of a table together, of all without a name; a line for each. The exit
// code of the command.
int CompactTables(const app::Config& config, const TableOptions& options);

struct ExpireOptions {
  std::string name;               // as TableOptions
  std::string older_than = "5d";  // an age, as duration.h reads it
  std::int64_t keep = 1;          // so many of the newest stay
  bool is_dry = false;            // only say what would go
};
// Has the table forget its older snapshots, tagged ones too.
int ExpireTable(const app::Config& config, const ExpireOptions& options);

// The lines for the server's answers.
std::string RenderCompaction(const nlohmann::json& report);
std::string RenderExpiry(const nlohmann::json& report, bool is_dry);

}  // namespace st::cli
