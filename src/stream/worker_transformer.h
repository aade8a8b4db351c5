// A Transformer that is a worker process.
#pragma once

#include <cstdint>
#include <memory>

#include "jobs/worker_client.h"
#include "os/clock.h"
#include "stream/transformer.h"

namespace st::stream {

// `clock` must outlive it. `timeout_us` is of one job.
std::unique_ptr<Transformer> MakeWorkerTransformer(os::Clock& clock, jobs::WorkerOptions options,
                                                   std::int64_t timeout_us);

}  // namespace st::stream
