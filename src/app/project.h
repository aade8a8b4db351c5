// A project folder's declarations: events/*.toml. The folder may be missing.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"
#include "os/file_system.h"

namespace st::app {

// kInvalidArgument with file:line:column; kIo where a file cannot be read.
Result<std::vector<event::Declaration>> LoadEvents(os::FileSystem& fs, const std::string& project);

}  // namespace st::app
