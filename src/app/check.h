// `steelthread check`: finds, without a server, everything that a start would refuse, pipelines
// that would stop soon after it, and probable mistakes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/event_tables.h"
#include "app/project.h"
#include "dialect/spark/definition.h"

namespace st::app {

struct CheckedEvent {
  std::string name;
  int version = 1;
  std::string table;   // "" for none
  std::string change;  // against the data folder: "new", "same", "compatible", "new version"
  std::vector<std::string> added;  // optional fields that are new
};
struct CheckReport {
  std::vector<CheckedEvent> events;
  std::vector<std::string> pipelines;
  bool has_game = false;
  std::vector<std::string> warnings;  // a start takes them
  // A start's error with its places, a line each, or that of pipelines that would stop at once.
  std::optional<Error> error;
};

// Reads the data folder's log and tables, where there are any, and changes nothing. A server may
// use them meanwhile. A port that another process has is an error, as it is of a start.
CheckReport CheckProject(os::FileSystem& fs, const Config& config);

// kInvalidArgument: tables of `warehouse` have other columns than `definitions` make, so that their
// pipelines would stop; a line each. A table that is not there yet, or cannot be read, is no error.
Status CheckTables(os::FileSystem& fs, const std::string& warehouse,
                   const std::vector<dialect::spark::Definition>& definitions);

}  // namespace st::app
