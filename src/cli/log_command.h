// `steelthread log verify` and `log dump`: read the log's files without a server.
#pragma once

#include "app/config.h"

namespace st::cli {

// Checks every byte. kExitDamage: some are damaged.
int VerifyLogFolder(const app::Config& config);
// Prints every intact record: topic, partition, offset, time and value.
int DumpLogFolder(const app::Config& config);

}  // namespace st::cli
