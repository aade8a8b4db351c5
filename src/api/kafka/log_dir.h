// The one folder of the log, as administrators are told of it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "os/volume.h"

namespace st::api {

struct LogDir {
  std::string path;  // absolute
  // The room of its volume now; nullopt, or no function: unknown. Safe from any thread.
  std::function<std::optional<os::VolumeBytes>()> volume;
};

}  // namespace st::api
