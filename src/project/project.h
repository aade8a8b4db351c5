// Reads a project's folder: events/*.toml, pipelines/*.sql and game.toml, each of which may be
// missing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "event/declaration.h"
#include "game/catalogue.h"
#include "os/file_system.h"

namespace st::project {

// The files of one project, parsed and checked against each other.
struct Project {
  std::vector<event::Declaration> events;
  std::vector<dialect::spark::Definition> pipelines;
  std::optional<game::Catalogue> game;  // nullopt: the project has no game.toml
  std::string folder;
};

// Compares the routes of the game with those of declared events. The adapter that serves the game's
// routes provides it, because a project knows no protocol.
using RouteCheck =
    std::function<Status(const game::Catalogue&, const std::vector<event::Declaration>&)>;

// Errors: kInvalidArgument with every mistake that was found, each a line or more that begins with
//         its place; kIo.
Result<Project> LoadProject(os::FileSystem& fs, const std::string& folder,
                            const RouteCheck& check_routes);

// Of a project that may have mistakes: the pipelines of files that can be read whose statements
// have none.
std::vector<dialect::spark::Definition> SoundPipelines(os::FileSystem& fs,
                                                       const std::string& folder);

// Whether the server alone creates this topic and writes to it.
bool IsOwnTopic(const std::string& name);

// Checks that no table has the name of another table or of a topic; names differ by more than case.
// The topics are those of events and pipelines, and of `topics`, the log's, the server's own. A
// topic that a Kafka client created keeps no table from its name (NamesakeWarnings, warnings.h).
//
// Errors: kInvalidArgument with the places of both names.
Status CheckNames(const Project& project, const std::vector<dialect::spark::Definition>& tables,
                  const std::vector<std::string>& topics);

}  // namespace st::project
