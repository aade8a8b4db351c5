// What a worker process can no longer do, whatever its SQL or a bug in its libraries makes it try.
//
// Beside DuckDB's own limits (engine.h), by the kernel: Landlock for files, seccomp for the rest.
// A kernel that lacks one of them leaves that part to DuckDB.
#pragma once

#include "base/result.h"
#include "worker/engine/settings.h"

namespace st::worker {

// From here on this process makes no sockets, programs, processes or core files, signals nobody,
// and opens of files:
//   query      for reading, what is below the warehouse;
//   transform  for writing, what is below the warehouse; for reading, what is below the folder that
//              holds the warehouse, since the log is there.
// A warehouse of "" has no files at all.
//
// Threads: call it before any other thread starts.
Status EnterSandbox(const engine::WorkerSettings& settings);

}  // namespace st::worker
