// `steelthread table orphans`: has the running server list the files that nothing names, or have
// them leave the disk.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"

namespace st::cli {

struct OrphansOptions {
  std::string name;  // as TableOptions; "": all tables
  std::string format = "table";
  bool is_removing = false;  // those that are old enough leave the disk in an hour
  bool is_yes = false;       // with is_removing: without it the command tells what it would do
};
// The exit code of the command. kExitUsage where --yes is missing.
int ShowOrphans(const app::Config& config, const OrphansOptions& options);

// When upkeep removes a file that may go at `removable_us`: at its first look then, or later, in
// microseconds since the epoch; nullopt: the server's answer says that upkeep does not look.
std::optional<std::int64_t> UpkeepRemovesUs(const nlohmann::json& answer,
                                            std::int64_t removable_us);
// "25 h", "3 min", "0 s": the largest unit of which it is at least two.
std::string AgeText(std::int64_t age_us);
// The sentence below the list of the server's answers, a table each. `is_leaving`: they tell what
// leaves the disk.
std::string OrphansSummary(const std::vector<nlohmann::json>& answers, bool is_leaving);

}  // namespace st::cli
