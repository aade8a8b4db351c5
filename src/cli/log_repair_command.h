// `steelthread log repair`: cuts or isolates the damage of a log that no server has open.
#pragma once

#include "app/config.h"

namespace st::cli {

struct RepairLogOptions {
  bool is_yes = false;   // do it; else the command tells what it would do
  bool may_cut = false;  // cut the last segment where its damage cannot be isolated
};

// The exit code of the command. kExitDamage: something cannot be repaired, and nothing was changed;
// kExitUsage: --yes is missing.
int RepairLogFolder(const app::Config& config, const RepairLogOptions& options);

}  // namespace st::cli
