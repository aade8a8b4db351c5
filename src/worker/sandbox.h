// Takes permissions from a worker process, so that neither SQL nor a bug in a library can use them.
//
// The kernel enforces them beside DuckDB's own limits (engine.h): Landlock for files, seccomp for
// the rest. On a kernel without one of them DuckDB's limits stand alone for that part.
#pragma once

#include "base/result.h"
#include "worker/engine/settings.h"

namespace st::worker {

// After this call the process creates no sockets, processes or core files, executes no programs,
// sends no signals, and opens only these files:
//   query      files below the warehouse, for reading;
//   transform  files below the output folder, or without one below the warehouse, for writing;
//              files below the warehouse's parent folder, for reading, since the log is there.
// With a warehouse of "" it opens no files at all.
//
// Threads: call it before any other thread starts.
Status EnterSandbox(const engine::WorkerSettings& settings);

}  // namespace st::worker
