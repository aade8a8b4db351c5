// LevelDB on the simulated disk, through a loss of power.
#pragma once

#include "base/result.h"
#include "os/random.h"

namespace st::idempotency::testing {

// Adds keys until the disk fails after a random number of steps, and looks for them on a disk as
// power loss may leave it. Gives how many keys are missing of those below the stored `covered` or
// the last sync. LevelDB's thread compacts meanwhile, so one seed has many outcomes.
Result<long> CrashLevelDb(os::Random& random);

}  // namespace st::idempotency::testing
