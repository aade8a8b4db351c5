// `steelthread check`: reports, without a server, every mistake that a start would refuse,
// pipelines that would stop soon after the start, and probable mistakes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "dialect/spark/definition.h"
#include "os/file_system.h"

namespace st::app {

struct CheckedEvent {
  std::string name;
  int version = 1;
  std::string table;   // "" for none
  std::string change;  // against the data folder: "new", "same", "compatible", "new version"
  std::vector<std::string> added;  // optional fields that are new
};
// What the next start, or a reload, does to a table that is there already.
struct TableChanges {
  std::string table;                 // "default.purchases"
  std::vector<std::string> changes;  // "adds column price (long)"; one or more
};
struct CheckReport {
  std::vector<CheckedEvent> events;
  std::vector<TableChanges> tables;
  std::vector<std::string> pipelines;
  bool has_game = false;
  std::vector<std::string> warnings;  // they do not prevent a start
  // The error of a start with its places, a line each, or that of pipelines that would stop at
  // once.
  std::optional<Error> error;
};

// Evaluates the project as a start and a reload do (project::MakeServedProject), the disk as their
// appends do, and the positions of the tables in the log as the pipelines' first steps do. Reads
// the log and the tables of the data folder, where there are any, and changes nothing; a server may
// be using them. A worker describes the project's pipelines and evaluates their constants, as their
// first steps do (stream::CheckDefinition); a warning says so where it could not. Ports that are
// not free are errors as for a start (CheckPortsFree).
CheckReport CheckProject(os::FileSystem& fs, const Config& config);

// For a reload: compares the columns that `definitions` make with those of the tables in
// `warehouse`. A table that does not exist yet, or cannot be read, is no error.
// Errors: kInvalidArgument: tables whose pipelines would stop, a line each.
Status CheckTables(os::FileSystem& fs, const std::string& warehouse,
                   const std::vector<dialect::spark::Definition>& definitions);

}  // namespace st::app
