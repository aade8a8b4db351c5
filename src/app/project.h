// What a project folder declares: events/*.toml and pipelines/*.sql. Either may be missing.
//
// Errors: as the parsers'; files are read in the order of their names.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"
#include "os/file_system.h"
#include "stream/definition.h"

namespace st::app {

struct Project {
  std::vector<event::Declaration> events;
  std::vector<stream::Definition> pipelines;
};

Result<Project> LoadProject(os::FileSystem& fs, const std::string& folder);

}  // namespace st::app
