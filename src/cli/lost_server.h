// Finds the server whose data folder was removed, replaced or moved while it ran. What is at the
// folder's path does not lead to it any more, but it holds its ports, so that no other server
// starts there. It is found among the processes that have locked a folder.
//
// Threads: safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "os/proc.h"

namespace st::cli {

struct LostServer {
  os::ProcessInfo process;
  std::string folder;  // its data folder: where it lies now, or where it lay before it was removed
  bool is_removed = false;
  // It was started on the data folder of the settings: the folder was removed from there, or the
  // server says so. false: it holds ports of the settings, and its folder was removed from another
  // place, or it does not say where it was started.
  bool is_ours = false;
  std::vector<std::uint16_t> ports;  // on which it listens
};
// Requires: no process has locked what is at the data folder's path. Asks each server that has
// another data folder, at most two seconds long, where it was started.
std::optional<LostServer> FindLostServer(const app::Config& config);
// "process 7 (steelthread up) runs on a data folder that was removed from PATH, …", without remedy.
std::string DescribeLost(const app::Config& config, const LostServer& server);
// What a person does about it.
std::string RemedyOfLost(const app::Config& config, const LostServer& server);

}  // namespace st::cli
