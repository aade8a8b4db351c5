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
// kInvalidArgument: two of `tables`, or one and a topic, whose names differ at most in case. Topics
// are those of `topics`, and those that events and pipelines are on.
Status CheckNames(const Project& project, const std::vector<stream::Definition>& tables,
                  const std::vector<std::string>& topics);

}  // namespace st::app
