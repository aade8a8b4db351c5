// The commands behind `steelthread`; each prints its data to stdout, its talk to stderr.
//
// Exit codes: 0 ok, 1 refused or failed, 2 usage, 3 no server answers, 5 damage found.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"
#include "base/result.h"

namespace st::cli {

inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoServer = 3;
inline constexpr int kExitDamage = 5;

// Runs in the foreground until SIGINT or SIGTERM.
int RunUp(const app::Config& config);
struct NewTopicOptions {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication = 1;
  bool if_not_exists = false;
};
int CreateTopic(const app::Config& config, const NewTopicOptions& options);
// With a name: that topic, a line a partition.
int ListTopics(const app::Config& config, const std::string& name);
int VerifyLogFolder(const app::Config& config);
// Prints every intact record: topic, partition, offset, time and value.
int DumpLogFolder(const app::Config& config);
// Ends the server of this data folder and waits for it.
int RunDown(const app::Config& config);

}  // namespace st::cli
