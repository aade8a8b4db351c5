// The commands behind `steelthread`; each prints its data to stdout, its talk to stderr.
//
// Exit codes: 0 ok, 1 refused or failed, 2 usage, 3 no server answers, 5 damage found.
#pragma once

#include "app/config.h"

namespace st::cli {

inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoServer = 3;
inline constexpr int kExitDamage = 5;

int VerifyLogFolder(const app::Config& config);
// Prints every intact record: topic, partition, offset, time and value.
int DumpLogFolder(const app::Config& config);

}  // namespace st::cli
