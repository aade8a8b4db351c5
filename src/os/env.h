// What a module takes from the machine and the process that run it.
#pragma once

#include "base/metrics.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"

namespace st::os {

// Made in main and handed down; a test makes one of fakes.
//
// Owner: whoever made its members, which must outlive every holder of an Env.
struct Env {
  FileSystem& fs;
  Clock& clock;
  Random& random;
  MetricRegistry* metrics = nullptr;  // null: nobody reads them
};

}  // namespace st::os
