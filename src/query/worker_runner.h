// A Runner that is a query worker process.
#pragma once

#include "os/clock.h"
#include "query/engine_options.h"

namespace st::query {

// `clock` must outlive the runners.
MakeRunner MakeWorkerRunner(os::Clock& clock, const EngineOptions& options);

}  // namespace st::query
