// Carries out a repair of the log, after a copy of every byte that it replaces or removes is
// durable in a folder of its own.
//
// Each segment is written anew beside the old one and takes its name by one rename, so a crash
// leaves a log that a further repair finishes; its plan then lacks the steps that are done.
//
// Threads: one; the caller holds the data folder's lock.
// Durable: on return the copies and the repaired log survive power loss.
// Errors:  kUnavailable the disk has no room for a copy or a segment; kIo. The log is then as
//          before, or has some of the steps.
// Limits:  kMaxCopyNames; one segment is in memory at a time.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "log/repair_plan.h"
#include "os/file_system.h"

namespace st::log {

// Returns the paths of the copies that it wrote into `copies_dir`, which is made where it is
// missing: `<segment>.log.<first byte>-<byte behind>` and, where that is taken, `….2` and so on.
// Requires: nothing was refused, and the log is as it was planned.
Result<std::vector<std::string>> RepairLog(os::FileSystem& fs, const RepairPlan& plan,
                                           const std::string& copies_dir);

}  // namespace st::log
