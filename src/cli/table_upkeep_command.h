// `steelthread table compact`: upkeep of tables now, by the running server.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/config.h"
#include "cli/table_command.h"

namespace st::cli {

// Puts the small data files of a table together, of all without a name; a line for each. The exit
// code of the command.
int CompactTables(const app::Config& config, const TableOptions& options);

// The line for the server's answer.
std::string RenderCompaction(const nlohmann::json& report);

}  // namespace st::cli
