// Remembers whether the worker's program starts. All worker clients of a process share one;
// /readyz and status show its failure.
//
// Threads: any.
#pragma once

#include <optional>

#include "base/mutex.h"
#include "base/result.h"

namespace st::jobs {

class WorkerStarts {
 public:
  // The outcome of a start. Requires: nobody killed the worker from outside, since that passes.
  void Note(const Status& started) {
    failure_.With(
        [&](auto& failure) { failure = started ? std::nullopt : std::optional(started.error()); });
  }
  // Why the last start failed; nullopt: a worker started since, or none was needed yet.
  std::optional<Error> failure() const {
    return failure_.With([](const auto& failure) { return failure; });
  }

 private:
  Guarded<std::optional<Error>> failure_;
};

}  // namespace st::jobs
