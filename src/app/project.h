// Loads a project's folder with the checks of the adapters that serve it.
#pragma once

#include <string>

#include "base/result.h"
#include "os/file_system.h"
#include "project/project.h"

namespace st::app {

// As project::LoadProject; the game's routes and those of declared events differ.
Result<project::Project> LoadProject(os::FileSystem& fs, const std::string& folder);

}  // namespace st::app
