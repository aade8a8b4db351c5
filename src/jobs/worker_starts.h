// Whether workers start: shared by the clients of a process, for those who ask how the server is.
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
