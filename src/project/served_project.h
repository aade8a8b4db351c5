// What a server serves of its project: one immutable value, made whole and swapped once.
//
// A request takes the value once and is answered by it alone, so that no answer mixes two versions
// of the project. Start, reload and `steelthread check` make it with the same function.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/http/route_table.h"
#include "base/result.h"
#include "dialect/spark/definition.h"
#include "event/declaration.h"
#include "event/version.h"
#include "game/catalogue.h"
#include "project/project.h"
#include "project/recorded_state.h"

namespace st::project {

struct ServedProject {
  Project files;
  // To be recorded in the log before the value is served; `versions` has them.
  std::vector<event::DeclaredVersion> added;
  EventVersions versions;
  // Those of events' tables, then those of files.
  std::vector<dialect::spark::Definition> pipelines;
  std::shared_ptr<const game::Catalogue> rules;  // null: the project has no game
  // The HTTP port's routes with their OpenAPI document, made by whoever serves them; null in
  // `check`.
  std::shared_ptr<const api::http::RouteTable> routes;
  // Probable mistakes of its files, a line each.
  std::vector<std::string> warnings;

  // Whether a pipeline has a table of this name, whatever its case.
  bool HasTable(const std::string& name) const;
  // nullptr: no declared event has this name.
  const event::Declaration* FindEvent(const std::string& name) const;

  std::set<std::string> table_names;  // in lower case
};

// Writes nothing. Adds probable mistakes to `warnings`, also before an error; `warnings` of the
// value stays empty.
// Errors: kInvalidArgument: an event changed incompatibly, two tables or a table and a topic have
//         one name, a table has two columns of one name; each with its place.
Result<ServedProject> MakeServedProject(Project project, const RecordedState& recorded,
                                        std::vector<std::string>& warnings);

}  // namespace st::project
