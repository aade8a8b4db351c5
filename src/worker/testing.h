// The real worker program, for tests: it stands two folders above their executables.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "jobs/worker_client.h"
#include "os/clock.h"
#include "os/process.h"

namespace st::worker {

inline constexpr std::int64_t kSecond = 1'000'000;

inline std::string WorkerProgram() {
  const auto dir = os::ExecutableDir();
  return dir.value_or(".") + "/../../steelthread-sql";
}

}  // namespace st::worker
