// Loads a project folder: events/*.toml, pipelines/*.sql and game.toml. Each may be missing.
//
// Errors: as the parsers', game::CheckDeclarations' and api::CheckRoutes', one a file at least, a
// line or more each; files are read in the order of their names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "event/declaration.h"
#include "game/catalogue.h"
#include "os/file_system.h"

namespace st::app {

struct Project {
  std::vector<event::Declaration> events;
  std::vector<dialect::spark::Definition> pipelines;
  std::optional<game::Catalogue> game;  // none: the project is no game
};

Result<Project> LoadProject(os::FileSystem& fs, const std::string& folder);
// Whether only the server itself makes the topic and writes to it.
bool IsOwnTopic(const std::string& name);
// kInvalidArgument: two of `tables`, or one and a topic, whose names differ at most in case. Topics
// are those that events and pipelines are on, and of `topics`, the log's, the server's own: a topic
// that only Kafka clients made keeps no table from its name (NamesakeWarnings, warnings.h).
Status CheckNames(const Project& project, const std::vector<dialect::spark::Definition>& tables,
                  const std::vector<std::string>& topics);

}  // namespace st::app
