// `steelthread up`, `down` and `reload`: the server in the foreground or the background.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"
#include "os/inherited.h"

namespace st::cli {

struct UpOptions {
  bool detach = false;  // return once the server answers; its output goes to run/server.log
  std::vector<std::string> overrides;  // of --set, for the process in the background
};
// Runs in the foreground until SIGINT or SIGTERM.
int RunUp(const app::Config& config, const UpOptions& options);
// Ends the server of this data folder and waits for it, also one whose folder was removed or moved
// while it ran. Names a server of another folder that was removed and that holds the ports.
int RunDown(const app::Config& config);

// Has the running server read the project again; prints its mistake, if it has one.
int RunReload(const app::Config& config);

// The limits that a server with these settings needs of its process.
os::LimitNeeds NeedsOf(const app::Config& config);

}  // namespace st::cli
