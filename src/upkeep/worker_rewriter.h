// A Rewriter that is a worker process.
#pragma once

#include <memory>

#include "jobs/worker_client.h"
#include "os/clock.h"
#include "upkeep/rewriter.h"

namespace st::upkeep {

// `clock` must outlive it.
//
// Limits: kRewriteTimeoutUs.
std::unique_ptr<Rewriter> MakeWorkerRewriter(os::Clock& clock, jobs::WorkerOptions options);

}  // namespace st::upkeep
