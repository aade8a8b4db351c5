// The commands behind `steelthread`; each prints its data to stdout, its talk to stderr.
//
// Exit codes: 0 ok, 1 refused or failed, 2 usage, 3 no server answers, 5 damage found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace st::cli {

inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoServer = 3;
inline constexpr int kExitDamage = 5;

struct UpOptions {
  bool detach = false;  // return once the server answers; its output goes to run/server.log
  std::vector<std::string> overrides;  // what --set gave, for the process in the background
};
// Runs in the foreground until SIGINT or SIGTERM.
int RunUp(const app::Config& config, const UpOptions& options);
int VerifyLogFolder(const app::Config& config);
// Prints every intact record: topic, partition, offset, time and value.
int DumpLogFolder(const app::Config& config);
// Ends the server of this data folder and waits for it.
int RunDown(const app::Config& config);

}  // namespace st::cli
