// `steelthread load`: players against any HTTP address, and the proof that nothing was lost.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"

namespace st::cli {

struct LoadOptions {
  std::string target;            // "http://127.0.0.1:5000"; "": the project's running server
  std::string duration = "60s";  // "500ms", "60s", "5m", "1h"
  std::uint32_t clients = 0;
  std::string rate;  // requests a second, or "declared"; with neither: 64 clients
  std::string think = "0s";
  std::uint64_t requests = 0;     // stop after so many
  std::uint32_t connections = 0;  // default: one a client, 256 with a rate
  std::string mix = "all";        // or "events", "commands"
  bool verify = false;
  std::string kafka;             // another server's broker
  std::string topic = "events";  // there
  std::string format = "table";  // or "json"
};
// Progress to stderr, the report to stdout. 0: all was answered, and with --verify the four counts
// are equal and nothing is missing or doubled; kExitNoServer: the target does not answer.
int RunLoad(const app::Config& config, const LoadOptions& options);

}  // namespace st::cli
